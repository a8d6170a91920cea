/** One who watches: a response that stays open, and what has been sent on it. */
import type { ServerResponse } from 'node:http'
import type { Server } from 'node:net'
import type { View } from '../observed.ts'

export class Watcher {
  readonly view: View
  /** Seconds between ticks. */
  readonly every: number
  /** The newest second that was sent, or that was seen before. */
  since: number
  /** Whether it has its history: ticks come after it. */
  isReady = false
  /** When something was last sent; on the clock that never jumps. */
  sentAt = 0
  /** Since when it has not read what was sent; undefined while it reads. */
  behindSince: number | undefined
  private readonly response: ServerResponse

  constructor(response: ServerResponse, want: { view: View; every: number; since: number }) {
    this.response = response
    this.view = want.view
    this.every = want.every
    this.since = want.since
    response.on('drain', () => (this.behindSince = undefined))
    response.on('error', () => {})
  }

  send(text: string, now: number): void {
    if (!this.isOpen) return
    this.sentAt = now
    if (!this.response.write(text)) this.behindSince ??= now
  }

  get isOpen(): boolean {
    return !this.response.writableEnded && !this.response.destroyed
  }

  /** Bytes that wait for it to read them. */
  get backlog(): number {
    return this.response.writableLength
  }

  /** Whether its server takes no new connections, so that it waits for this one to end. */
  get isServerClosing(): boolean {
    const { server } = (this.response.socket ?? {}) as { server?: Server }
    return server?.listening === false
  }

  onClose(action: () => void): void {
    this.response.once('close', action)
  }

  end(): void {
    if (this.isOpen) this.response.end()
  }

  /** What it did not read is thrown away. */
  drop(): void {
    this.response.destroy()
  }
}
