import { ConfigError, type ConfigProblem } from '../../errors.ts'
import { namesOf, optionProblems } from '../../known-options.ts'
import { MAX_EVENT } from './event-parser.ts'

/** How events are read. */
export interface EventOptions {
  /**
   * Whether a stream that ends or breaks is asked for again, from the last event on. Default: where the server may get
   * the request twice (by its method, or `idempotent: true`).
   */
  readonly reconnect?: boolean
  /** So many connections in a row may bring nothing at all, before it is an error. Default 10. */
  readonly maxReconnects?: number
  /** The least wait before the next connection, in ms, until the server says another (`retry:`). Default 1 s. */
  readonly reconnectDelay?: number
  /** Where to go on: the `id` of an event that was read before. */
  readonly lastEventId?: string
  /** The most characters of an event. Default 16 Mi. */
  readonly maxEventSize?: number
}

export interface EventSettings extends Required<Omit<EventOptions, 'reconnect'>> {
  readonly reconnect: boolean | undefined
}

const names = namesOf<EventOptions>({
  reconnect: true,
  maxReconnects: true,
  reconnectDelay: true,
  lastEventId: true,
  maxEventSize: true,
})

/** @throws ConfigError naming every option that is wrong */
export function eventSettings(options: EventOptions = {}): EventSettings {
  const unknown = optionProblems(options, names, 'events')
  const settings = {
    reconnect: options?.reconnect,
    maxReconnects: options?.maxReconnects ?? 10,
    reconnectDelay: options?.reconnectDelay ?? 1_000,
    lastEventId: options?.lastEventId ?? '',
    maxEventSize: options?.maxEventSize ?? MAX_EVENT,
  }
  const problems = [...unknown, ...valueProblems(settings)]
  if (problems.length > 0) throw new ConfigError(problems)
  return settings
}

function valueProblems(settings: EventSettings): ConfigProblem[] {
  const { reconnect, maxReconnects, reconnectDelay, lastEventId, maxEventSize } = settings
  const isFine: Record<keyof EventOptions, [boolean, string]> = {
    reconnect: [reconnect === undefined || typeof reconnect === 'boolean', 'true or false'],
    maxReconnects: [maxReconnects >= 0, 'a number from 0'],
    reconnectDelay: [reconnectDelay >= 0 && reconnectDelay < Infinity, 'milliseconds from 0'],
    lastEventId: [
      typeof lastEventId === 'string' && !control.test(lastEventId),
      'text without control characters',
    ],
    maxEventSize: [maxEventSize >= 1, 'characters from 1'],
  }
  return Object.entries(isFine)
    .filter(([, [fine]]) => !fine)
    .map(([name, [, expected]]) => {
      const received = JSON.stringify(settings[name as keyof EventSettings]) ?? 'undefined'
      return { variable: `events.${name}`, received, expected }
    })
}

const control = /[\x00-\x08\x0a-\x1f\x7f]/
