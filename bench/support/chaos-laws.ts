/** What must hold in the chaos, and what did not. */
export const laws = {
  settles: 'every call settles by its deadline',
  belongs: 'every answer belongs to its request',
  impossible: 'nothing is answered where nobody can answer',
  once: 'nothing arrives twice that may not',
  uploads: 'uploads arrive as they were sent',
  quiet: 'no unhandled rejection, no uncaught exception, no warning',
  books: 'connections dialed less connections closed are those that are open',
  limits: 'no limit is exceeded',
  closes: 'close() returns, and nothing is left in the pools',
  sockets: 'no socket to the servers is left',
  descriptors: 'every file descriptor is given back',
  heap: 'the heap does not grow',
} as const
export type Law = keyof typeof laws

/** Told of each law. */
const TOLD = 3

export class Laws {
  private readonly broken = new Map<Law, { times: number; first: string[] }>()

  break(law: Law, how: string): void {
    const known = this.broken.get(law) ?? { times: 0, first: [] }
    known.times++
    if (known.first.length < TOLD) known.first.push(how)
    this.broken.set(law, known)
  }

  /** Breaks the law unless it holds. */
  hold(law: Law, holds: boolean, how: () => string): void {
    if (!holds) this.break(law, how())
  }

  get anyBroken(): boolean {
    return this.broken.size > 0
  }

  /** One sentence for each broken law, with its first instances. */
  get sentences(): string[] {
    return [...this.broken].map(
      ([law, { times, first }]) => `Broken ${times} times: ${laws[law]}: ${first.join(' | ')}`,
    )
  }

  /** One line for all of them. */
  get verdict(): string {
    if (!this.anyBroken) return `All ${Object.keys(laws).length} laws held.`
    return `${this.broken.size} of ${Object.keys(laws).length} laws broken: ${[...this.broken.keys()].join(', ')}.`
  }
}
