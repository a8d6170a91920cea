import type { JSX } from 'preact'
import { useCells } from '@keepwarm/dashboard/page/cell.ts'
import { find, openDocument, searchEntity } from '../find.ts'
import { inPassing, placesOf, type Named } from '../state/marks.ts'
import { kindOf } from '../state/kinds.ts'
import { counted } from '../state/text.ts'
import { entities, latest, place, search, statuses } from '../store.ts'
import type { Hit } from '../wire.ts'
import { EntityButton } from './entity.tsx'
import { FreshnessMark } from './freshness.tsx'
import { Marked } from './marked.tsx'

/** Entities that are named below what was found. */
const MOST_ENTITIES = 8

/** What was found; before anybody asked, what there is. */
export function Results(): JSX.Element {
  useCells(search, place, entities, statuses, latest)
  const { busy, found, problem } = search.value
  if (!busy && found === undefined && problem === undefined) return <Overview />
  return (
    <section aria-labelledby="found" aria-busy={busy}>
      <div class="bar">
        <h2 id="found">Found</h2>
        {found !== undefined && (
          <p class="soft">
            {counted(found.total, 'document')} in {Math.max(1, Math.round(found.search_time_ms))} ms
          </p>
        )}
        {busy && <p class="soft">Searching …</p>}
      </div>
      {problem !== undefined && <p class="banner">The search failed: {problem}.</p>}
      {found?.warnings.map((warning) => (
        <p key={warning} class="banner">
          {warning}
        </p>
      ))}
      {found?.hits.length === 0 && !busy && (
        <p class="empty">Nothing was found. Fewer words or filters find more.</p>
      )}
      <ol class="hits">
        {found?.hits.map((hit) => (
          <HitView key={hit.document_id} hit={hit} known={entities.value} />
        ))}
      </ol>
      {found?.has_more === true && (
        <button type="button" disabled={busy} onClick={() => void find(found.hits.length)}>
          Show more
        </button>
      )}
    </section>
  )
}

function HitView({ hit, known }: { hit: Hit; known: readonly Named[] }): JSX.Element {
  const { document_id: id, title, source, chunk, snippet } = hit
  const places = placesOf(snippet.text, [...hit.entities, ...known])
  const where = [source, chunk.heading === title ? null : chunk.heading].filter((part) => part !== null)
  return (
    <li>
      <article class="panel hit">
        <h3>
          <button type="button" class="link" onClick={() => openDocument(id)}>
            {title}
          </button>
        </h3>
        <p class="soft where">{where.join(' › ')}</p>
        <p class="snippet">
          <Marked text={snippet.text} found={snippet.marks} places={places} write={inPassing} />
        </p>
        <div class="bar">
          <FreshnessMark status={statuses.value.get(id)} />
          <small>{ranksOf(hit)}</small>
        </div>
        <Entities title={title} all={[...hit.entities, ...places.map(({ entity }) => entity)]} />
      </article>
    </li>
  )
}

/** Its place in the ranking of each engine. */
function ranksOf({ words, vector }: Hit): string {
  const ranks = [words && `words: no. ${words.rank}`, vector && `meaning: no. ${vector.rank}`]
  return ranks.filter((part) => part !== null).join(' · ')
}

function Entities({ title, all }: { title: string; all: readonly Named[] }): JSX.Element | null {
  const unique = [...new Map(all.map((one) => [one.name, one])).values()]
  if (unique.length === 0) return null
  return (
    <ul class="chips" aria-label={`Entities in ${title}`}>
      {unique.slice(0, MOST_ENTITIES).map((one) => (
        <li key={one.name}>
          <EntityButton entity={one} />
        </li>
      ))}
    </ul>
  )
}

function Overview(): JSX.Element {
  if (latest.value.length === 0) {
    return (
      <p class="empty">
        Nothing is indexed yet. Drop documents anywhere on this page: they are cut into passages, embedded,
        read for entities and themes, scored for freshness, and can be found here a moment later.
      </p>
    )
  }
  return (
    <>
      <section aria-labelledby="latest">
        <h2 id="latest">Indexed last</h2>
        <ol class="panel latest">
          {latest.value.map(({ id, title, source }) => (
            <li key={id}>
              <button type="button" class="link" onClick={() => openDocument(id)}>
                {title}
              </button>
              <small>{source}</small>
              <FreshnessMark status={statuses.value.get(id)} />
            </li>
          ))}
        </ol>
      </section>
      {entities.value.length > 0 && <Mentioned />}
    </>
  )
}

function Mentioned(): JSX.Element {
  return (
    <section aria-labelledby="mentioned">
      <h2 id="mentioned">Mentioned most</h2>
      <ul class="chips">
        {entities.value.slice(0, 30).map(({ name, type, document_count }) => (
          <li key={`${name} ${type}`}>
            <button
              type="button"
              class={`chip kind-${kindOf(type).look}`}
              title={`${kindOf(type).word}: search for it`}
              onClick={() => searchEntity(name)}
            >
              <span aria-hidden="true">{kindOf(type).sign}</span> {name}{' '}
              <small>
                {document_count}
                <span class="unseen"> documents, {kindOf(type).word}</span>
              </small>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
