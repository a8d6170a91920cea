/** The way to the service: whether what is on the screen is of now, and when to knock again. Pure; `now` in ms. */

export interface Link {
  readonly phase: 'connecting' | 'live' | 'lost'
  /** When something came last; undefined while nothing did. */
  readonly heardAt: number | undefined
  /** Which process is looked at; empty: all of them. */
  readonly view: string
  /** Seconds between ticks, as they were asked for. */
  readonly every: number
  /** What came last, to go on from: a unix second. */
  readonly lastId: string
  /** Attempts that failed since something came. */
  readonly failures: number
  /** Something that the reader should know, such as a message that the page does not understand. */
  readonly problem: string | undefined
}

export const noLink: Link = {
  phase: 'connecting',
  heardAt: undefined,
  view: '',
  every: 1,
  lastId: '',
  failures: 0,
  problem: undefined,
}

/** Seconds between ticks while somebody looks, and while nobody does. */
export const EVERY = { seen: 1, hidden: 5 } as const
/** Silence of so long, beyond the pause between ticks, is not an ordinary delay any more. */
const PATIENCE = 2_000

export function heard(link: Link, id: string, now: number): Link {
  return { ...link, phase: 'live', heardAt: now, lastId: id === '' ? link.lastId : id, failures: 0 }
}

export function lost(link: Link): Link {
  return { ...link, phase: 'lost', failures: link.failures + 1 }
}

/** Another process has another history: what came before is asked for anew. */
export function turnedTo(link: Link, view: string): Link {
  return { ...link, view, lastId: '' }
}

/** How old what is shown is; undefined before anything came. */
export function ageOf({ heardAt }: Link, now: number): number | undefined {
  return heardAt === undefined ? undefined : Math.max(0, now - heardAt)
}

export function isStale(link: Link, now: number): boolean {
  const age = ageOf(link, now)
  return age !== undefined && age > link.every * 1_000 + PATIENCE
}

/** How long to wait before the next attempt: at once after a break, then longer, up to ten seconds. */
export function pauseBefore({ failures }: Pick<Link, 'failures'>, random: number): number {
  if (failures <= 1) return 250
  return Math.min(10_000, 500 * 2 ** Math.min(failures, 10)) * (0.5 + random / 2)
}

/** `mount`: the path of the page. What came before is not sent again. */
export function addressOf({ every, lastId, view }: Link, mount: string): string {
  const query = new URLSearchParams({
    every: String(every),
    ...(lastId !== '' && { since: lastId }),
    ...(view !== '' && { process: view }),
  })
  return `${mount.endsWith('/') ? mount : `${mount}/`}events?${query.toString()}`
}
