/** Listens to the service: an EventSource that is opened anew, from where it stopped, whatever breaks it. */
import { addressOf, EVERY, heard, lost, pauseBefore, turnedTo, type Link } from './state/link.ts'
import { readMessage } from './state/messages.ts'
import { cleared, withHistory, withTick } from './state/screen.ts'
import { link, moveOn, screen } from './store.ts'

let source: EventSource | undefined
let retry: ReturnType<typeof setTimeout> | undefined

/** Begins to listen, and listens less often while nobody looks. */
export function listen(): void {
  document.addEventListener('visibilitychange', pace)
  pace()
}

/** @param view the id of a process, or empty for all of them */
export function lookAt(view: string): void {
  change((before) => turnedTo(before, view))
  screen.value = cleared(screen.value)
  open()
}

function pace(): void {
  const every = document.hidden ? EVERY.hidden : EVERY.seen
  if (source !== undefined && every === link.value.every) return
  change((before) => ({ ...before, every }))
  open()
}

function open(): void {
  clearTimeout(retry)
  source?.close()
  const own = new EventSource(addressOf(link.value, location.pathname))
  let wasOpen = false
  source = own
  own.addEventListener('open', () => (wasOpen = true))
  own.addEventListener('history', (event) => receive('history', event))
  own.addEventListener('tick', (event) => receive('tick', event))
  // The browser's own attempts know neither patience nor a new pace, so that a broken one is given up at once.
  own.addEventListener('error', () => {
    if (source !== own) return
    own.close()
    change(lost)
    if (!wasOpen) void askWhy()
    retry = setTimeout(open, pauseBefore(link.value, Math.random()))
  })
}

function receive(kind: 'history' | 'tick', { data, lastEventId }: MessageEvent<string>): void {
  const message = readMessage(kind, data)
  const problem = message.kind === 'problem' ? message.text : undefined
  change((before) => ({ ...heard(before, lastEventId, performance.now()), problem }))
  if (message.kind === 'history') screen.value = withHistory(screen.value, message.slices)
  if (message.kind === 'tick') screen.value = withTick(screen.value, message.tick)
  moveOn()
}

/** An EventSource does not tell why it was refused; the service says it in a sentence. */
async function askWhy(): Promise<void> {
  const leave = new AbortController()
  try {
    const response = await fetch(addressOf(link.value, location.pathname), { signal: leave.signal })
    if (response.ok) return
    const problem = (await response.text()).slice(0, 300) || `The service refuses: status ${response.status}.`
    change((before) => ({ ...before, problem }))
  } catch {
    // Nobody is there to ask: that is said already.
  } finally {
    leave.abort()
  }
}

function change(next: (before: Link) => Link): void {
  link.value = next(link.value)
}
