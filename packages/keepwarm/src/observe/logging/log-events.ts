import type { Runtime } from '../../runtime.ts'
import { subscribeEvents } from '../channels.ts'
import type { CallEnd, CallStart } from '../events.ts'
import { breakerLine, callLine, leakLine, raceLine, refusedLine, retryLine, type LogLine } from './line.ts'
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
    retry: (event) => void (isOwn(event) && log.write(retryLine(event))),
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
  /** Calls under way: what a pool tells names the call, not the client. */
  private readonly calls = new Set<number>()

  constructor(logger: Logger, client: string, runtime: Runtime) {
    this.logger = logger
    this.client = client
    this.runtime = runtime
  }

  has(call: number | undefined): boolean {
    return call !== undefined && this.calls.has(call)
  }

  began({ call }: CallStart): void {
    this.calls.add(call)
  }

  ended(event: CallEnd): void {
    this.calls.delete(event.call)
    const refused = refusedLine(event)
    if (refused !== undefined) this.write(refused)
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
