/**
 * The channels of `diagnostics_channel` on which everything is published, and how to listen to them. Whoever publishes
 * asks `hasSubscribers` first, so that without listeners nothing is made or computed.
 */
import { channel, subscribe, unsubscribe, type Channel } from 'node:diagnostics_channel'
import { ConfigError } from '../errors.ts'
import { namesOf, optionProblems } from '../known-options.ts'
import type { EventName, Events } from './events.ts'

const prefix = 'keepwarm:'

export const channels: { readonly [Name in EventName]: Channel } = {
  'call:start': channel('keepwarm:call:start'),
  'call:end': channel('keepwarm:call:end'),
  'attempt:start': channel('keepwarm:attempt:start'),
  'attempt:end': channel('keepwarm:attempt:end'),
  retry: channel('keepwarm:retry'),
  'wait:start': channel('keepwarm:wait:start'),
  'wait:end': channel('keepwarm:wait:end'),
  'dial:start': channel('keepwarm:dial:start'),
  'dial:end': channel('keepwarm:dial:end'),
  'connection:open': channel('keepwarm:connection:open'),
  'connection:close': channel('keepwarm:connection:close'),
  breaker: channel('keepwarm:breaker'),
  limit: channel('keepwarm:limit'),
  leak: channel('keepwarm:leak'),
  race: channel('keepwarm:race'),
}

/** Where a name is misspelt the compiler says so; what a message must say, too. */
export function publish<Name extends EventName>(name: Name, message: Events[Name]): void {
  channels[name].publish(message)
}

/** What to call for which events. */
export type EventListeners = { readonly [Name in EventName]?: (event: Events[Name]) => void }

const names = namesOf<EventListeners>(channels as unknown as Record<EventName, true>)

/**
 * Listens to events of all clients and pools of the process until what is returned is disposed of. What began before is
 * not told: an end follows only the start that somebody heard.
 *
 * A listener that throws hurts no call: what it throws becomes a warning of the process. (One that was given to
 * `diagnostics_channel` itself becomes an uncaught exception there.)
 *
 * @throws ConfigError for a name that is no event's, or a listener that is no function
 * @example
 * using _ = subscribeEvents({ 'call:end': ({ method, path, duration }) => console.log(method, path, duration) })
 */
export function subscribeEvents(listeners: EventListeners): Disposable {
  const problems = [...optionProblems(listeners, names)]
  const given = problems.length === 0 ? Object.entries(listeners).filter(isGiven) : []
  for (const [variable, listener] of given) {
    if (typeof listener !== 'function')
      problems.push({ variable, received: `a ${typeof listener}`, expected: 'a function' })
  }
  if (problems.length > 0) throw new ConfigError(problems)
  const heard = given.map(([name, listener]) => [prefix + name, harmless(name, listener)] as const)
  for (const [name, hear] of heard) subscribe(name, hear)
  return {
    [Symbol.dispose]() {
      for (const [name, hear] of heard.splice(0)) unsubscribe(name, hear)
    },
  }
}

type Listener = (event: never) => void

function isGiven([, listener]: [string, unknown]): boolean {
  return listener !== undefined
}

function harmless(name: string, listener: Listener): (message: unknown) => void {
  return (message) => {
    try {
      listener(message as never)
    } catch (thrown) {
      const what = thrown instanceof Error ? thrown.message : String(thrown)
      process.emitWarning(`a listener to "${name}" failed: ${what}`)
    }
  }
}
