import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useCells } from '@keepwarm/dashboard/page/cell.ts'
import { goTo } from '../find.ts'
import { nowhere } from '../state/place.ts'
import { latest, place } from '../store.ts'

const usualTypes = ['markdown', 'text', 'rst']

interface Draft {
  readonly query: string
  readonly source: string
  readonly type: string
}

export function SearchForm(): JSX.Element {
  useCells(place, latest)
  const { query, source, type, entity } = place.value
  const [draft, setDraft] = useState<Draft>({ query, source, type })
  // What the address says counts, however it came to say so.
  useEffect(() => setDraft({ query, source, type }), [query, source, type])
  const change = (next: Partial<Draft>): void => setDraft({ ...draft, ...next })
  const submit = (event: Event): void => {
    event.preventDefault()
    goTo({ ...draft, query: draft.query.trim(), entity, document: '' })
  }
  return (
    <form class="panel search" role="search" aria-label="Documents" onSubmit={submit}>
      <label class="query">
        <span class="unseen">Search by words and meaning</span>
        <input
          id="query"
          type="search"
          placeholder="Search by words and meaning"
          value={draft.query}
          maxLength={2_000}
          onInput={({ currentTarget }) => change({ query: currentTarget.value })}
        />
      </label>
      <button type="submit" class="primary">
        Search
      </button>
      <Filters draft={draft} change={change} />
    </form>
  )
}

function Filters({ draft, change }: { draft: Draft; change: (next: Partial<Draft>) => void }): JSX.Element {
  const { query, source, type, entity } = place.value
  const types = new Set([...latest.value.flatMap((one) => one.type ?? []), ...usualTypes])
  return (
    <div class="filters">
      <label>
        Source
        <input
          type="text"
          placeholder="docs/ …"
          value={draft.source}
          onInput={({ currentTarget }) => change({ source: currentTarget.value })}
        />
      </label>
      <label>
        Type
        <input
          type="text"
          list="types"
          placeholder="any"
          value={draft.type}
          onInput={({ currentTarget }) => change({ type: currentTarget.value })}
        />
        <datalist id="types">
          {[...types].map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      </label>
      {entity !== '' && <EntityFilter entity={entity} />}
      {(query !== '' || source !== '' || type !== '') && (
        <button type="button" class="small" onClick={() => goTo(nowhere)}>
          Clear
        </button>
      )}
    </div>
  )
}

function EntityFilter({ entity }: { entity: string }): JSX.Element {
  return (
    <button type="button" class="chip" onClick={() => goTo({ entity: '' })}>
      mentions <b>{entity}</b> <span aria-hidden="true">×</span>
      <span class="unseen">: look everywhere again</span>
    </button>
  )
}
