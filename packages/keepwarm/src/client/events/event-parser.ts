/** Server-sent events out of text, as the HTML standard reads them. */
import { KeepwarmError } from '../../errors.ts'

export interface ServerSentEvent {
  /** Its type; `message` where the server names none. */
  readonly event: string
  /** Its lines, joined by `\n`. */
  readonly data: string
  /** Of this event, or of the last one before it that had one; empty where none had. */
  readonly id: string
  /** How long to wait before the next connection, in ms, where this event says it. */
  readonly retry?: number
}

/** An event larger than this is none; it is a body without empty lines. In characters. */
export const MAX_EVENT: number = 16 * 1024 * 1024

/**
 * Takes the text of one connection in parts, cut anywhere. Lines end with `\n`, `\r\n` or `\r`; an empty one ends an
 * event; what is begun and never ended is none. The rest is as the standard says, but for ids with control characters:
 * they could not be sent back, and are ignored like those with a NUL.
 */
export class EventParser {
  /** Of the last event that was complete. */
  lastId: string
  /** What the server said last of how long to wait before the next connection, in ms. */
  retry: number | undefined
  private readonly what: string
  private readonly maxSize: number
  /** The beginning of a line. */
  private held = ''
  private afterReturn = false
  private name = ''
  private data: string | undefined
  private id: string
  private ownRetry: number | undefined

  /** @param what for messages: `GET /events` */
  constructor(what: string, lastId: string = '', maxSize: number = MAX_EVENT) {
    this.what = what
    this.lastId = this.id = lastId
    this.maxSize = maxSize
  }

  /**
   * The events that end in this part.
   * @throws KeepwarmError `body_too_large`
   */
  push(text: string): ServerSentEvent[] {
    const events: ServerSentEvent[] = []
    let start = this.afterReturn && text.startsWith('\n') ? 1 : 0
    if (text !== '') this.afterReturn = false
    let feed = text.indexOf('\n', start)
    let turn = text.indexOf('\r', start)
    while (feed !== -1 || turn !== -1) {
      const end = turn === -1 || (feed !== -1 && feed < turn) ? feed : turn
      this.check(end - start)
      const event = this.line(this.held + text.slice(start, end))
      if (event !== undefined) events.push(event)
      this.held = ''
      start = end + 1
      if (end === turn && feed === start) start++
      else if (end === turn && start === text.length) this.afterReturn = true
      if (feed !== -1 && feed < start) feed = text.indexOf('\n', start)
      if (turn !== -1 && turn < start) turn = text.indexOf('\r', start)
    }
    this.check(text.length - start)
    this.held += text.slice(start)
    return events
  }

  private line(line: string): ServerSentEvent | undefined {
    if (line === '') return this.dispatch()
    const colon = line.indexOf(':')
    if (colon === 0) return undefined // a comment
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    this.field(name, value)
    return undefined
  }

  private field(name: string, value: string): void {
    if (name === 'data') this.data = this.data === undefined ? value : `${this.data}\n${value}`
    else if (name === 'event') this.name = value
    else if (name === 'id' && !unsendable.test(value)) this.id = value
    else if (name === 'retry' && /^\d+$/.test(value)) this.retry = this.ownRetry = Number(value)
  }

  private dispatch(): ServerSentEvent | undefined {
    const { name, data, ownRetry } = this
    this.lastId = this.id
    this.name = ''
    this.data = this.ownRetry = undefined
    if (data === undefined) return undefined
    const event = { event: name === '' ? 'message' : name, data, id: this.lastId }
    return ownRetry === undefined ? event : { ...event, retry: ownRetry }
  }

  private check(more: number): void {
    const size = this.held.length + more + (this.data?.length ?? 0) + this.name.length
    if (size <= this.maxSize) return
    const message = `an event of ${this.what} is larger than ${this.maxSize} characters (maxEventSize)`
    throw new KeepwarmError('body_too_large', message, { phase: 'body', sent: 'maybe' })
  }
}

const unsendable = /[\x00-\x08\x0a-\x1f\x7f]/
