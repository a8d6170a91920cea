/** What is on the screen. */
import { Cell } from '@keepwarm/dashboard/page/cell.ts'
import { nowhere, type Place } from './state/place.ts'
import { noWork, type Work } from './state/work.ts'
import type { Counts, DeadJob, Found, Health, KnownEntity, Status, Summary } from './wire.ts'

/** The way of the events. */
export interface Link {
  readonly phase: 'connecting' | 'live' | 'lost'
  /** Of the event that came last, to go on from. */
  readonly lastId: string
  /** Attempts that failed since it was live. */
  readonly failures: number
  readonly problem: string | undefined
}

export interface Search {
  readonly busy: boolean
  readonly found: Found | undefined
  readonly problem: string | undefined
}

export const noSearch: Search = { busy: false, found: undefined, problem: undefined }

/** The service wants to see its token before it answers. */
export const needsToken: Cell<boolean> = new Cell(false)
export const link: Cell<Link> = new Cell<Link>({
  ...{ phase: 'connecting', lastId: '', failures: 0, problem: undefined },
})
export const work: Cell<Work> = new Cell(noWork)
export const place: Cell<Place> = new Cell(nowhere)
export const search: Cell<Search> = new Cell(noSearch)
/** Documents that were indexed last. */
export const latest: Cell<readonly Summary[]> = new Cell<readonly Summary[]>([])
export const counts: Cell<Counts | undefined> = new Cell<Counts | undefined>(undefined)
export const dead: Cell<readonly DeadJob[]> = new Cell<readonly DeadJob[]>([])
/** The most mentioned entities, which are also looked for in what was found. */
export const entities: Cell<readonly KnownEntity[]> = new Cell<readonly KnownEntity[]>([])
export const health: Cell<Health | undefined> = new Cell<Health | undefined>(undefined)
/** What is known of single documents, by id. */
export const statuses: Cell<ReadonlyMap<string, Status>> = new Cell<ReadonlyMap<string, Status>>(new Map())
/** Read out to those who cannot see it. */
export const announcement: Cell<string> = new Cell('')

export function announce(text: string): void {
  announcement.value = text
}
