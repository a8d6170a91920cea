/** Listens to a service's stream, and comes back from where it stopped, whatever breaks it. */
import {
  addressOf,
  heard,
  lost,
  pauseBefore,
  readMessage,
  type Link,
  type Message,
} from '@keepwarm/dashboard/state'
import type { ServerSentEvent } from 'keepwarm'
import { setTimeout } from 'node:timers/promises'
import type { Service } from '../service/service.ts'

export interface FeedHost {
  readonly service: Service
  /** The way to the service as it is now; the feed tells of each change. */
  readonly link: () => Link
  readonly changed: (link: Link) => void
  readonly came: (message: Message) => void
  /** @param wait milliseconds until the next attempt */
  readonly broke: (text: string, wait: number) => void
  /** Milliseconds of a clock that is never set. */
  readonly now: () => number
  readonly random: () => number
}

export class Feed {
  private readonly host: FeedHost
  /** Of the connection there is. */
  private current = new AbortController()

  constructor(host: FeedHost) {
    this.host = host
  }

  /** Resolves when the signal has aborted; never rejects for what the service or the network does. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const own = new AbortController()
      this.current = own
      const either = AbortSignal.any([signal, own.signal])
      const trouble = await this.listen(either)
      if (signal.aborted) return
      if (own.signal.aborted) continue
      await this.pause(trouble, either)
    }
  }

  /** Asks again at once: the link says for something else. */
  again(): void {
    this.current.abort()
  }

  /** One connection, to its end. Resolves to why it ended. */
  private async listen(signal: AbortSignal): Promise<string> {
    const { service, link } = this.host
    try {
      for await (const event of service.events(addressOf(link(), service.mount), signal)) this.receive(event)
      return `${service.origin} ended the stream`
    } catch (error) {
      return signal.aborted ? '' : service.explain(error)
    }
  }

  private receive({ event, data, id }: ServerSentEvent): void {
    const { link, changed, came, now } = this.host
    if (event !== 'history' && event !== 'tick') return
    const message = readMessage(event, data)
    changed(heard(link(), id, now()))
    came(message)
  }

  private async pause(trouble: string, signal: AbortSignal): Promise<void> {
    const { link, changed, broke, random } = this.host
    changed(lost(link()))
    const wait = pauseBefore(link(), random())
    broke(trouble, wait)
    await setTimeout(wait, undefined, { signal }).catch(() => {})
  }
}
