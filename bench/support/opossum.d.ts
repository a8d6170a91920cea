/** The part of opossum that is used here; the package has no types of its own. */
declare module 'opossum' {
  export default class CircuitBreaker<Result> {
    constructor(action: () => Promise<Result>, options: { timeout: number | false })
    fire(): Promise<Result>
  }
}
