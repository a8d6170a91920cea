import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { act } from '../act.ts'
import { originsOf } from '../state/places.ts'
import type { WireClient } from '../wire.ts'

const limits = ['maxConnections', 'maxConnectionsPerOrigin', 'maxIdleConnections', 'maxQueue'] as const
const states = [
  ['open', 'Hold open'],
  ['closed', 'Hold closed'],
  ['auto', 'Let it decide'],
] as const

type Run = (doing: Promise<string>) => void

/** What the reader may change by hand, where the service allows it. */
export function Acts({ client }: { client: WireClient }): JSX.Element {
  const [told, tell] = useState('')
  const run: Run = (doing) => {
    tell('…')
    void doing.then(tell)
  }
  return (
    <details class="panel acts">
      <summary>Change by hand</summary>
      {[...originsOf(client)].map((origin) => (
        <OriginActs key={origin} client={client.name} origin={origin} run={run} />
      ))}
      <LimitForm client={client.name} run={run} />
      <p role="status">{told}</p>
    </details>
  )
}

function OriginActs({ client, origin, run }: { client: string; origin: string; run: Run }): JSX.Element {
  return (
    <p class="bar">
      <b>{origin}</b> breaker
      {states.map(([to, text]) => (
        <button key={to} type="button" onClick={() => run(act('breakers', { client, origin, to }))}>
          {text}
        </button>
      ))}
      <button
        type="button"
        title="Close its connections as they become free"
        onClick={() => run(act('drain', { client, origin }))}
      >
        Drain
      </button>
    </p>
  )
}

function LimitForm({ client, run }: { client: string; run: Run }): JSX.Element {
  const [name, setName] = useState<string>(limits[0])
  const [value, setValue] = useState('')
  const submit = (event: Event): void => {
    event.preventDefault()
    run(act('limits', { client, limits: { [name]: Number(value) } }))
  }
  return (
    <form class="bar" onSubmit={submit}>
      <select aria-label="Limit" value={name} onChange={(event) => setName(event.currentTarget.value)}>
        {limits.map((limit) => (
          <option key={limit}>{limit}</option>
        ))}
      </select>
      <input
        type="number"
        min="0"
        required
        aria-label="New value"
        value={value}
        onInput={(event) => setValue(event.currentTarget.value)}
      />
      <button type="submit">Set</button>
    </form>
  )
}
