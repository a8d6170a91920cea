/** Listens to what happens to documents: a stream that is opened anew, from where it stopped, whatever breaks it. */
import { pauseBefore } from '@keepwarm/dashboard/page/state/link.ts'
import { addressOf, problemOf } from './ask.ts'
import { forgetStatus, lookSoon, readStatus } from './look.ts'
import { isOver, progressOf, told } from './state/work.ts'
import { announce, link, needsToken, statuses, work, type Link } from './store.ts'
import type { Event as DocumentEvent } from './wire.ts'

const kinds = ['accepted', 'stage', 'ended', 'removed'] as const

let source: EventSource | undefined
let retry: ReturnType<typeof setTimeout> | undefined

export function listen(): void {
  clearTimeout(retry)
  source?.close()
  const { lastId } = link.value
  const query = lastId === '' ? '' : `?last_event_id=${encodeURIComponent(lastId)}`
  const own = new EventSource(addressOf(`events${query}`))
  source = own
  own.addEventListener('open', () => change({ phase: 'live', failures: 0, problem: undefined }))
  for (const kind of kinds) own.addEventListener(kind, receive)
  own.addEventListener('reset', catchUp)
  // The browser's own attempts end with the first refusal, so that a broken stream is given up at once.
  own.addEventListener('error', () => {
    if (source !== own) return
    own.close()
    source = undefined
    const wasLive = link.value.phase === 'live'
    change({ phase: 'lost', failures: link.value.failures + 1 })
    if (!wasLive) void askWhy()
    retry = setTimeout(reopen, pauseBefore(link.value, Math.random()))
  })
}

/** While the page waits for the token there is nothing to listen to. */
function reopen(): void {
  if (!needsToken.value) listen()
}

function receive({ data, lastEventId }: MessageEvent<string>): void {
  if (lastEventId !== '') change({ lastId: lastEventId })
  const event = JSON.parse(data) as DocumentEvent
  const before = progressOf(work.value)
  work.value = told(work.value, event)
  if (event.type === 'stage') {
    if (event.state === 'failed') void readStatus(event.document)
    return
  }
  if (event.type === 'removed') forgetStatus(event.document)
  if (event.type === 'ended') {
    // What is shown of it is old, or it has something to say.
    if (event.outcome !== 'succeeded' || statuses.value.has(event.document)) void readStatus(event.document)
    tellWhenOver(before.over)
  }
  lookSoon()
}

/** Too much was missed to be told: the states are asked for. */
function catchUp(): void {
  // What follows is numbered anew.
  change({ lastId: '' })
  for (const item of work.value.values()) if (!isOver(item)) void readStatus(item.key)
  lookSoon()
}

function tellWhenOver(overBefore: number): void {
  const { all, over, troubled } = progressOf(work.value)
  if (over < all || over === overBefore) return
  const trouble = troubled === 0 ? '' : `, ${troubled} with trouble`
  announce(`Indexing is over: ${over} of ${all} documents${trouble}.`)
}

/** An EventSource does not tell why it was refused; the service says it in a sentence. */
async function askWhy(): Promise<void> {
  const leave = new AbortController()
  try {
    const response = await fetch(addressOf('events'), { signal: leave.signal })
    if (response.status === 401) needsToken.value = true
    if (!response.ok) change({ problem: (await problemOf(response)).detail })
  } catch {
    // Nobody is there to ask: that is said already.
  } finally {
    leave.abort()
  }
}

function change(next: Partial<Link>): void {
  link.value = { ...link.value, ...next }
}
