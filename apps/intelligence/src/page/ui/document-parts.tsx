/** What was found in a document, and its text. */
import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { openDocument } from '../find.ts'
import { countKinds, kindOf } from '../state/kinds.ts'
import { placesOf, textOf } from '../state/marks.ts'
import { sizeText } from '../state/text.ts'
import type { Related, Stored } from '../wire.ts'
import { EntityButton } from './entity.tsx'
import { Marked } from './marked.tsx'

/** Documents about the same. */
export function RelatedList({ related }: { related: readonly Related[] }): JSX.Element | null {
  if (related.length === 0) return null
  return (
    <section aria-labelledby="related">
      <h3 id="related">Related</h3>
      <ul class="related">
        {related.map(({ document_id, title, shared_entities, similarity }) => (
          <li key={document_id}>
            <button type="button" class="link" onClick={() => openDocument(document_id)}>
              {title}
            </button>
            <small>
              {[
                shared_entities.length > 0 && `both mention ${shared_entities.slice(0, 4).join(', ')}`,
                similarity !== null && `similarity ${similarity.toFixed(2)}`,
              ]
                .filter((part) => part !== false)
                .join('; ')}
            </small>
          </li>
        ))}
      </ul>
    </section>
  )
}

export function Themes({ analysis: { themes, concepts, domains } }: Stored): JSX.Element | null {
  const all = [...domains, ...themes, ...concepts].map(({ name }) => name.replaceAll('_', ' ').trim())
  if (all.length === 0) return null
  return (
    <section aria-labelledby="themes">
      <h3 id="themes">About</h3>
      <p>{[...new Set(all)].filter(Boolean).slice(0, 12).join(', ')}</p>
    </section>
  )
}

/** Entities that are listed before somebody asks for all. */
const LISTED = 24

export function EntityList({ entities }: Stored): JSX.Element | null {
  const [showsAll, showAll] = useState(false)
  const unique = [...new Map(entities.map((one) => [`${one.name} ${one.type}`, one])).values()]
  if (unique.length === 0) return null
  return (
    <section aria-labelledby="entities">
      <h3 id="entities">Entities</h3>
      <ul class="legend" aria-label="Kinds">
        {countKinds(unique).map(([type, count]) => (
          <li key={type}>
            <span class={`entity kind-${kindOf(type).look}`}>
              <span aria-hidden="true">{kindOf(type).sign}</span> {kindOf(type).word}
            </span>{' '}
            {count}
          </li>
        ))}
      </ul>
      <ul class="chips">
        {unique.slice(0, showsAll ? unique.length : LISTED).map((one) => (
          <li key={`${one.name} ${one.type}`}>
            <EntityButton entity={one} />
          </li>
        ))}
      </ul>
      {unique.length > LISTED && !showsAll && (
        <button type="button" class="small" onClick={() => showAll(true)}>
          Show all {unique.length}
        </button>
      )}
    </section>
  )
}

/** Characters that are drawn at first, and added by each request for more. */
const DRAWN = 20_000

export function Body({ chunks, entities }: Stored): JSX.Element {
  const [drawn, setDrawn] = useState(DRAWN)
  const text = useMemo(() => textOf(chunks), [chunks])
  const shown = useMemo(() => text.slice(0, drawn).toWellFormed(), [text, drawn])
  const places = useMemo(() => placesOf(shown, entities), [shown, entities])
  return (
    <section aria-labelledby="text" tabIndex={0}>
      <h3 id="text">Text</h3>
      <div class="text">
        <Marked text={shown} found={[]} places={places} />
      </div>
      {text.length > drawn && (
        <button type="button" onClick={() => setDrawn(drawn + DRAWN)}>
          Show more of {sizeText(text.length)}
        </button>
      )}
    </section>
  )
}
