import type { JSX } from 'preact'
import { duration, share } from '../state/format.ts'
import { placesOf, poolOf } from '../state/places.ts'
import { shown } from '../state/screen.ts'
import { breakerText } from '../state/words.ts'
import { screen, selected } from '../store.ts'
import type { WireClient, WireGuard, WireSnapshot } from '../wire.ts'
import { Acts } from './acts.tsx'
import { Charts } from './charts.tsx'
import { BreakerMark } from './marks.tsx'

/** All about one client: how it is set, its breakers, its charts. */
export function Chosen(): JSX.Element | null {
  const client = selected()
  const tick = shown(screen.value)?.tick
  if (client === undefined || tick === undefined) return null
  const { snapshot } = tick
  return (
    <section class="chosen" aria-label={`Client ${client.name}`}>
      <div class="bar">
        <h2>{client.name}</h2>
        <ul class="facts">
          {client.endpoints.map((url) => (
            <li key={url}>{url}</li>
          ))}
          {settingsOf(client, snapshot).map(([name, value]) => (
            <li key={name}>
              <span class="soft">{name}</span> {value}
            </li>
          ))}
        </ul>
      </div>
      <Guards guards={client.guards} />
      {tick.admin === true && <Acts key={client.name} client={client} />}
      <Charts />
    </section>
  )
}

function settingsOf(client: WireClient, snapshot: WireSnapshot): [string, string][] {
  const pool = poolOf(snapshot, client)
  const places = placesOf(snapshot, client)
  const { timeout, acquireTimeout, attempts, idleTimeout } = client.settings ?? {}
  const wanted: [string, string | undefined][] = [
    ['limit', places.limit === null ? undefined : `${places.limit} ${places.kind}`],
    ['idle at most', pool === undefined ? undefined : String(pool.maxIdleConnections)],
    ['waits', time(acquireTimeout)],
    ['timeout', time(timeout)],
    ['attempts', attempts === undefined ? undefined : String(attempts)],
    ['keeps idle', time(idleTimeout)],
  ]
  return wanted.filter((pair): pair is [string, string] => pair[1] !== undefined)
}

function time(value: unknown): string | undefined {
  return typeof value === 'number' ? duration(value) : undefined
}

/** Breakers that are not closed, or that are one of several, with what they go by. */
function Guards({ guards }: { guards: readonly WireGuard[] }): JSX.Element | null {
  const told =
    guards.length > 1 ? guards : guards.filter(({ breaker, forced }) => breaker !== 'closed' || forced)
  if (told.length === 0) return null
  return (
    <ul class="guards" aria-label="Breakers">
      {told.map((guard) => (
        <li key={`${guard.origin} ${guard.group ?? ''}`} class={`breaker-cell ${guard.breaker}`}>
          <BreakerMark state={guard.breaker} /> <b>{guard.group ?? guard.origin}</b> {guardText(guard)}
        </li>
      ))}
    </ul>
  )
}

function guardText({ breaker, forced, failureRatio, retryAfter, lastFailure, budget }: WireGuard): string {
  return [
    breakerText[breaker],
    forced === null ? '' : `forced ${forced}`,
    `${share(failureRatio)} failed`,
    breaker === 'open' && retryAfter !== null ? `probes in ${duration(retryAfter)}` : '',
    lastFailure === null ? '' : `last: ${lastFailure}`,
    `retries left ${Math.floor(budget.tokens)} of ${budget.cap}`,
  ]
    .filter((part) => part !== '')
    .join(' · ')
}
