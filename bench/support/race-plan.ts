/** Which races are run: the ways in which a server closes, and what is sent. */

/** How the server meets a request on a connection that served before. */
export const modes = ['fin', 'reset', 'timer', 'processed'] as const
export type Mode = (typeof modes)[number]

export const modeTitles: Readonly<Record<Mode, string>> = {
  fin: 'FIN on receipt',
  reset: 'RST on receipt',
  timer: 'idle timer, 1 ms away',
  processed: 'processed, then FIN',
}

export const kinds = ['GET', 'keyed POST', 'unkeyed POST'] as const
export type Kind = (typeof kinds)[number]

export interface Race {
  readonly kind: Kind
  readonly mode: Mode
  readonly requests: number
}

export interface RaceSizes {
  /** GETs, and as many keyed POSTs. */
  readonly requests: number
  readonly unkeyed: number
  /** Of each kind where the server's timer closes, which takes longer. */
  readonly timed: number
}

/** A request that was processed before the close may be processed again if it says so: only for the others is it a race. */
export function races({ requests, unkeyed, timed }: RaceSizes): Race[] {
  return kinds.flatMap((kind) =>
    modes
      .filter((mode) => mode !== 'processed' || kind === 'unkeyed POST')
      .map((mode) => ({
        kind,
        mode,
        requests: mode === 'timer' ? timed : kind === 'unkeyed POST' ? unkeyed : requests,
      })),
  )
}

/** How long a server with a timer keeps an idle connection, and how long the callers rest: from, to, in ms. */
export const rest = { least: 4, most: 8 } as const

/** Of the wire between them, in ms: closes and requests that set out within it cross. */
export const roundTrip = 2

export function someRest(): number {
  return rest.least + Math.random() * (rest.most - rest.least)
}
