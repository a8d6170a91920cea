import type { JSX } from 'preact'
import { bytes, count, duration, NOTHING } from '../state/format.ts'
import { heldConnections, MOST_LISTED, type Held } from '../state/held.ts'
import { shown } from '../state/screen.ts'
import { screen, selected } from '../store.ts'
import { LevelMark } from './marks.tsx'

const heads = [
  ['#', 'text'],
  ['state', 'text'],
  ['held', ''],
  ['doing', 'text'],
  ['age', ''],
  ['requests', ''],
  ['in / out', ''],
  ['peer', 'text'],
  ['why opened', 'text'],
] as const

/** What each connection does, and for how long. */
export function Connections(): JSX.Element | null {
  const client = selected()
  const snapshot = shown(screen.value)?.tick.snapshot
  if (client === undefined || snapshot === undefined) return null
  const all = heldConnections(snapshot, client)
  const listed = all.slice(0, MOST_LISTED)
  return (
    <section class="panel connections" aria-label="Live connections">
      <div class="bar">
        <h3>Connections of {client.name}</h3>
        <span class="soft">
          {all.length === 0 ? '' : `${count(all.length)}, held longest first`}
          {all.length > listed.length ? `; the first ${listed.length} are listed` : ''}
        </span>
      </div>
      {all.length === 0 ? (
        <p class="soft">No connection is open.</p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Live connections, as a table">
          <table class="data">
            <thead>
              <tr>
                {heads.map(([head, kind]) => (
                  <th key={head} scope="col" class={kind}>
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {listed.map((held) => (
                <ConnectionRow key={held.connection.id} held={held} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function ConnectionRow({ held }: { held: Held }): JSX.Element {
  const { connection, holder, oddity } = held
  const { id, state, age, requests, inFlight, address, protocol, openedFor } = connection
  return (
    <tr class={oddity === undefined ? state : `${state} alarm`}>
      <th scope="row">{id}</th>
      <td class="text">
        {state}
        {inFlight > 1 ? ` ×${inFlight}` : ''}
      </td>
      <td>{duration(holder?.heldFor)}</td>
      <td class="text">
        {oddity !== undefined && <LevelMark level="warn" />} {doing(held)}
      </td>
      <td>{duration(age)}</td>
      <td>{count(requests)}</td>
      <td>
        {bytes(connection.bytesRead)} / {bytes(connection.bytesWritten)}
      </td>
      <td class="text">
        {address ?? NOTHING} {protocol === 'h2' ? 'h2' : ''}
      </td>
      <td class="text">{openedFor.replaceAll('_', ' ')}</td>
    </tr>
  )
}

function doing({ connection: { state, idle }, holder, serverIdle, oddity }: Held): string {
  if (state === 'idle') {
    const until = serverIdle === undefined ? '' : `, server closes after ${duration(serverIdle)}`
    return `idle ${duration(idle)}${until}`
  }
  if (holder === undefined) return NOTHING
  const { operation, method, path, phase, stalledFor } = holder
  const what = `${operation == null ? '' : `${operation}: `}${method} ${path}`
  return oddity === undefined ? `${what} (${phase})` : `${oddity} for ${duration(stalledFor)}: ${what}`
}
