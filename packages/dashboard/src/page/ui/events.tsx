import type { JSX } from 'preact'
import { clock } from '../state/format.ts'
import { eventKey, filtered, kindsOf } from '../state/events.ts'
import { originsOf } from '../state/places.ts'
import { shown } from '../state/screen.ts'
import { filter, screen, selected } from '../store.ts'
import type { WireEvent } from '../wire.ts'
import { LevelMark } from './marks.tsx'

const MOST_LISTED = 200

/** What happened, newest first. */
export function Events(): JSX.Element {
  const all = shown(screen.value)?.events ?? []
  const client = selected()
  const about = client && { name: client.name, origins: originsOf(client) }
  const found = filtered(all, filter.value, about)
  return (
    <section class="panel events" aria-label="Events">
      <div class="bar">
        <h3>Events</h3>
        <Filters kinds={kindsOf(all)} client={client?.name} />
      </div>
      {found.length === 0 ? (
        <p class="soft">{all.length === 0 ? 'Nothing has happened yet.' : 'No event is like that.'}</p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Events, newest first">
          <ol>
            {found.slice(0, MOST_LISTED).map((event) => (
              <Entry key={eventKey(event)} event={event} />
            ))}
          </ol>
        </div>
      )}
    </section>
  )
}

function Entry({
  event: { at, level, kind, client, origin, text, count = 1 },
}: {
  event: WireEvent
}): JSX.Element {
  return (
    <li class={level === 'warn' ? 'warn' : ''}>
      <time dateTime={new Date(at).toISOString()}>{clock(at)}</time>
      <LevelMark level={level === 'warn' ? 'warn' : 'info'} />
      <span class="unseen">{level === 'warn' ? 'warning: ' : ''}</span>
      <span class="kind">{kind.replaceAll('_', ' ')}</span>
      <span class="text">
        <b>{client ?? origin}</b> {text}
        {count > 1 ? ` (×${count})` : ''}
      </span>
    </li>
  )
}

function Filters({ kinds, client }: { kinds: readonly string[]; client: string | undefined }): JSX.Element {
  const { text, kind, onlySelected } = filter.value
  const change = (next: Partial<typeof filter.value>): void => {
    filter.value = { ...filter.value, ...next }
  }
  return (
    <form
      class="filters"
      role="search"
      aria-label="Filter events"
      onSubmit={(event) => event.preventDefault()}
    >
      <input
        type="search"
        placeholder="Filter"
        aria-label="Text in the event"
        value={text}
        onInput={(event) => change({ text: event.currentTarget.value })}
      />
      <select
        aria-label="Kind"
        value={kind}
        onChange={(event) => change({ kind: event.currentTarget.value })}
      >
        <option value="">all kinds</option>
        {kinds.map((name) => (
          <option key={name} value={name}>
            {name.replaceAll('_', ' ')}
          </option>
        ))}
      </select>
      <label>
        <input
          type="checkbox"
          checked={onlySelected}
          onChange={(event) => change({ onlySelected: event.currentTarget.checked })}
        />
        only {client ?? 'the selected client'}
      </label>
    </form>
  )
}
