/** Documents under way, as the events of the service tell it. Pure: a state and what happened in, a state out. */
import type { AcceptedBatch, Event, Status } from '../wire.ts'
import { isStage, type Stages } from './stages.ts'

export type Standing =
  | 'sending'
  | 'waiting'
  | 'working'
  | 'held'
  | 'retrying'
  | 'done'
  | 'unchanged'
  | 'degraded'
  | 'dead'
  | 'refused'

export interface Item {
  /** The document's id; before it has one, a name of this page's own. */
  readonly key: string
  readonly title: string
  readonly standing: Standing
  readonly attempt: number
  readonly stages: Stages
  /** Why it is not where it should be. */
  readonly reason: string | undefined
  /** Given to the service from this page. */
  readonly own: boolean
}

/** In the order in which they came. */
export type Work = ReadonlyMap<string, Item>

export const noWork: Work = new Map()

/** Of those that are over, the oldest are forgotten beyond so many. */
const MOST = 300

const over: ReadonlySet<Standing> = new Set(['done', 'unchanged', 'degraded', 'dead', 'refused'])
const troubled: ReadonlySet<Standing> = new Set(['degraded', 'dead', 'refused', 'retrying', 'held'])

export function isOver({ standing }: Item): boolean {
  return over.has(standing)
}

export function isTroubled({ standing }: Item): boolean {
  return troubled.has(standing)
}

/** On its way to the service. */
export function sent(work: Work, key: string, title: string): Work {
  return put(work, { ...fresh(key, title), standing: 'sending', own: true })
}

export function refused(work: Work, key: string, reason: string): Work {
  const item = work.get(key) ?? fresh(key, key)
  return put(work, { ...item, standing: 'refused', reason, own: true })
}

/** The service gave it an id. The feed may have told of it before the answer came. */
export function taken(work: Work, key: string, { id, status }: AcceptedBatch['documents'][number]): Work {
  const own = work.get(key)
  const known = work.get(id)
  const title = own?.title ?? known?.title ?? id
  const standing = status === 'unchanged' ? 'unchanged' : 'waiting'
  const rest = new Map(work)
  rest.delete(key)
  return put(rest, { ...(known ?? { ...fresh(id, title), standing }), title, own: true })
}

export function told(work: Work, event: Event): Work {
  const id = event.document
  const item = work.get(id) ?? fresh(id, id)
  if (event.type === 'accepted')
    return put(work, { ...item, standing: 'waiting', stages: {}, reason: undefined })
  if (event.type === 'removed') return without(work, id)
  const { attempt } = event
  if (event.type === 'ended') return put(work, { ...item, attempt, ...ending(event.outcome, item) })
  if (!isStage(event.stage)) return work
  const before = attempt > item.attempt ? {} : item.stages
  return put(work, {
    ...{ ...item, attempt, standing: 'working' },
    stages: { ...before, [event.stage]: event.state },
  })
}

type Outcome = Extract<Event, { type: 'ended' }>['outcome']

const endings: Readonly<Record<Outcome, Standing>> = {
  ...{ succeeded: 'done', degraded: 'degraded', dead: 'dead', retrying: 'retrying' },
  ...{ waiting: 'held', again: 'waiting', released: 'waiting', lost: 'waiting' },
}

function ending(outcome: Outcome, item: Item): Pick<Item, 'standing' | 'reason'> {
  return { standing: endings[outcome], reason: outcome === 'succeeded' ? undefined : item.reason }
}

const standings: Readonly<Record<Status['state'], Standing>> = {
  ...{ pending: 'waiting', running: 'working', succeeded: 'done', failed: 'retrying', dead: 'dead' },
}

/** What the service says of it now, in place of what was heard. */
export function described(work: Work, status: Status): Work {
  const item = work.get(status.document_id)
  if (item === undefined) return work
  const stages = Object.fromEntries(
    status.steps.flatMap(({ stage, state }) => (isStage(stage) ? [[stage, state]] : [])),
  )
  const standing = status.degraded.length > 0 ? 'degraded' : standings[status.state]
  return put(work, { ...item, stages, standing, attempt: status.attempts, reason: reasonOf(status) })
}

/** Of a document that lacks something, what its stages say; else why the last attempt failed. */
export function reasonOf({ state, reason, degraded, steps }: Status): string | undefined {
  if (state !== 'succeeded') return reason ?? undefined
  const missing = degraded.map((name) => {
    const said = detailOf(steps.find(({ stage }) => stage === name)?.detail)['reason']
    return typeof said === 'string' ? `${name}: ${said}` : name
  })
  return missing.length === 0 ? undefined : missing.join('; ')
}

/** What a stage has to tell, when it is an object. */
export function detailOf(detail: unknown): Readonly<Record<string, unknown>> {
  return typeof detail === 'object' && detail !== null ? (detail as Record<string, unknown>) : {}
}

export function without(work: Work, key: string): Work {
  const rest = new Map(work)
  rest.delete(key)
  return rest
}

/** Without those that ended well, and those that were refused, which cannot be helped. */
export function cleared(work: Work): Work {
  return new Map([...work].filter(([, item]) => !isOver(item) || item.standing === 'dead'))
}

/** What is worked on stands on top, then what has trouble, what waits, and what is over; there the latest is first. */
const ranks: Readonly<Record<Standing, number>> = {
  ...{ working: 0, held: 0, retrying: 0, dead: 1, refused: 1, degraded: 1 },
  ...{ sending: 2, waiting: 2, done: 3, unchanged: 3 },
}

export function ordered(work: Work): Item[] {
  const items = [...work.values()]
  return [0, 1, 2, 3].flatMap((rank) => {
    const some = items.filter(({ standing }) => ranks[standing] === rank)
    return rank === 2 ? some : some.reverse()
  })
}

export interface Progress {
  readonly all: number
  readonly over: number
  readonly troubled: number
}

export function progressOf(work: Work): Progress {
  const items = [...work.values()]
  return {
    all: items.length,
    over: items.filter(isOver).length,
    troubled: items.filter(isTroubled).length,
  }
}

function put(work: Work, item: Item): Work {
  const next = new Map(work).set(item.key, item)
  if (next.size <= MOST) return next
  for (const [key, one] of next) {
    if (next.size <= MOST) break
    if (isOver(one)) next.delete(key)
  }
  return next
}

function fresh(key: string, title: string): Item {
  return { key, title, standing: 'waiting', attempt: 0, stages: {}, reason: undefined, own: false }
}
