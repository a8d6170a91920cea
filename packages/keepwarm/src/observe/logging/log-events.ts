import type { Runtime } from '../../runtime.ts'
import { subscribeEvents } from '../channels.ts'
import type { CallEnd, CallStart, RetryEvent } from '../events.ts'
import {
  breakerLine,
  callLine,
  exhaustedLine,
  exhaustion,
  leakLine,
  raceLine,
  refusedLine,
  type LogLine,
} from './line.ts'
import { wantsDebug, type Logger } from './logger.ts'
import { LineRate } from './rate.ts'

/**
 * Writes what befalls a client to a logger, until what is returned is disposed of: a line for each call at debug, and one
 * for each anomaly at warn, of which storms make few.
 *
 * @param client its name
 */
export function logEvents(logger: Logger, client: string, runtime: Runtime): Disposable {
  const log = new ClientLog(logger, client, runtime)
  const isOwn = (event: { readonly client: string }): boolean => event.client === client
  const listening = subscribeEvents({
    'call:start': (event) => void (isOwn(event) && log.began(event)),
    'call:end': (event) => void (isOwn(event) && log.ended(event)),
    retry: (event) => void (isOwn(event) && log.gaveUp(event)),
    breaker: (event) => void (isOwn(event) && log.write(breakerLine(event))),
    leak: (event) => void (log.has(event.call) && log.write(leakLine(client, event))),
    race: (event) => void (log.has(event.call) && log.write(raceLine(client, event))),
  })
  return {
    [Symbol.dispose]() {
      listening[Symbol.dispose]()
      log.close()
    },
  }
}

class ClientLog {
  private readonly logger: Logger
  private readonly client: string
  private readonly runtime: Runtime
  private readonly rate = new LineRate()
  /** Calls under way, for what a pool tells names the call and not the client; and why they are not tried again. */
  private readonly calls = new Map<number, string | undefined>()

  constructor(logger: Logger, client: string, runtime: Runtime) {
    this.logger = logger
    this.client = client
    this.runtime = runtime
  }

  has(call: number | undefined): boolean {
    return call !== undefined && this.calls.has(call)
  }

  began({ call }: CallStart): void {
    this.calls.set(call, undefined)
  }

  gaveUp(event: RetryEvent): void {
    if (this.calls.has(event.call)) this.calls.set(event.call, exhaustion(event))
  }

  ended(event: CallEnd): void {
    const why = this.calls.get(event.call)
    this.calls.delete(event.call)
    if (why !== undefined) this.write(exhaustedLine(event, why))
    else this.write(refusedLine(event))
    if (!event.isCheck && wantsDebug(this.logger)) this.put(callLine(event))
  }

  /** As far as there are not too many of its kind. */
  write(line: LogLine | undefined): void {
    if (line === undefined) return
    const admitted = this.rate.admit(line.kind, this.runtime.now())
    if (admitted === undefined) return
    const { swallowed } = admitted
    if (swallowed === 0) return this.put(line)
    const message = `${line.message} (${swallowed} more like it were not written)`
    this.put({ ...line, fields: { ...line.fields, swallowed }, message })
  }

  close(): void {
    for (const [kind, swallowed] of Object.entries(this.rate.rest())) {
      const message = `${swallowed} more lines about "${kind}" were not written`
      this.logger.warn({ kind, client: this.client, swallowed }, message)
    }
  }

  private put({ level, fields, message }: LogLine): void {
    this.logger[level](fields, message)
  }
}
