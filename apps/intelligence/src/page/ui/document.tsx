import type { JSX } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { useCells } from '@keepwarm/dashboard/page/cell.ts'
import { ask, textOf as errorText } from '../ask.ts'
import { goTo, openDocument } from '../find.ts'
import { readStatus, remove } from '../look.ts'
import { countKinds, kindOf } from '../state/kinds.ts'
import { placesOf, textOf } from '../state/marks.ts'
import { ageText, counted, sizeText } from '../state/text.ts'
import { statuses } from '../store.ts'
import type { Related, Stored } from '../wire.ts'
import { EntityButton } from './entity.tsx'
import { FreshnessMark } from './freshness.tsx'
import { Marked } from './marked.tsx'

interface Opened {
  readonly stored: Stored
  readonly related: readonly Related[]
}

/** One document above the page, as long as the address names it. */
export function DocumentView({ id }: { id: string }): JSX.Element | null {
  const dialog = useRef<HTMLDialogElement>(null)
  const [opened, setOpened] = useState<Opened | undefined>(undefined)
  const [problem, setProblem] = useState('')
  useEffect(() => {
    setOpened(undefined)
    setProblem('')
    if (id === '') return undefined
    if (dialog.current?.open === false) dialog.current.showModal()
    let isWanted = true
    void readDocument(id).then(
      (found) => isWanted && setOpened(found),
      (error: unknown) => isWanted && setProblem(errorText(error)),
    )
    return () => (isWanted = false)
  }, [id])
  if (id === '') return null
  const close = (): void => goTo({ document: '' })
  return (
    <dialog
      ref={dialog}
      class="document"
      aria-labelledby="document"
      onClose={close}
      onClick={({ target }) => target === dialog.current && close()}
    >
      <div class="sheet">
        <div class="bar head">
          <h2 id="document">{opened?.stored.title ?? 'Document'}</h2>
          <button type="button" onClick={close}>
            Close
          </button>
        </div>
        {problem !== '' && <p class="banner">{problem}</p>}
        {opened === undefined && problem === '' && <p class="soft">Reading …</p>}
        {opened !== undefined && <Contents key={id} {...opened} />}
      </div>
    </dialog>
  )
}

async function readDocument(id: string): Promise<Opened> {
  const path = `documents/${encodeURIComponent(id)}`
  const [stored, { related }] = await Promise.all([
    ask<Stored>('GET', path),
    ask<{ related: Related[] }>('GET', `${path}/related?limit=6`),
    readStatus(id),
  ])
  return { stored, related }
}

function Contents({ stored, related }: Opened): JSX.Element {
  useCells(statuses)
  const { id, source, type, language, size, updated_at, chunks } = stored
  const facts = [source, type, language, sizeText(size), counted(chunks.length, 'passage')]
  return (
    <>
      <p class="soft">
        {facts.filter((fact) => fact !== null).join(' · ')} · indexed {ageText(updated_at, Date.now())}
      </p>
      <div class="bar">
        <FreshnessMark status={statuses.value.get(id)} isExplained />
        <Remove id={id} />
      </div>
      <RelatedList related={related} />
      <Themes {...stored} />
      <EntityList {...stored} />
      <Body {...stored} />
    </>
  )
}

/** Twice, so that nothing is gone by one slip. */
function Remove({ id }: { id: string }): JSX.Element {
  const [isSure, setSure] = useState(false)
  const go = (): void => {
    if (!isSure) return setSure(true)
    void remove(id).then(() => goTo({ document: '' }))
  }
  return (
    <button type="button" class={isSure ? 'small alarm' : 'small'} onBlur={() => setSure(false)} onClick={go}>
      {isSure ? 'Really remove it?' : 'Remove'}
    </button>
  )
}

function RelatedList({ related }: Pick<Opened, 'related'>): JSX.Element | null {
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

function Themes({ analysis: { themes, concepts, domains } }: Stored): JSX.Element | null {
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

function EntityList({ entities }: Stored): JSX.Element | null {
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

function Body({ chunks, entities }: Stored): JSX.Element {
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
