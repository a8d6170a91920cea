/** The part of opossum that is used here; the package has no types of its own. */
declare module 'opossum' {
  export default class CircuitBreaker<Result, Arguments extends unknown[] = []> {
    constructor(action: (...given: Arguments) => Promise<Result>, options: { timeout: number | false })
    fire(...given: Arguments): Promise<Result>
    shutdown(): void
  }
}
