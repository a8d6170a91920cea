import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useCells } from '@keepwarm/dashboard/page/cell.ts'
import { ask, textOf } from '../ask.ts'
import { goTo } from '../find.ts'
import { readStatus, remove } from '../look.ts'
import { ageText, counted, sizeText } from '../state/text.ts'
import { statuses } from '../store.ts'
import type { Related, Stored } from '../wire.ts'
import { Body, EntityList, RelatedList, Themes } from './document-parts.tsx'
import { FreshnessMark } from './freshness.tsx'

interface Opened {
  readonly stored: Stored
  readonly related: readonly Related[]
}

/** One document above the page, as long as the address names it. */
export function DocumentView({ id }: { id: string }): JSX.Element | null {
  const dialog = useRef<HTMLDialogElement>(null)
  const { opened, problem } = useDocument(id)
  useEffect(() => {
    if (id !== '' && dialog.current?.open === false) dialog.current.showModal()
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

/** The document, once it is read; a late answer for another one is dropped. */
function useDocument(id: string): { readonly opened: Opened | undefined; readonly problem: string } {
  const [opened, setOpened] = useState<Opened | undefined>(undefined)
  const [problem, setProblem] = useState('')
  useEffect(() => {
    setOpened(undefined)
    setProblem('')
    if (id === '') return undefined
    let isWanted = true
    void readDocument(id).then(
      (found) => isWanted && setOpened(found),
      (error: unknown) => isWanted && setProblem(textOf(error)),
    )
    return () => (isWanted = false)
  }, [id])
  return { opened, problem }
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
