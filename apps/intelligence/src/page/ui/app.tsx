import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { useCells } from '@keepwarm/dashboard/page/cell.ts'
import { theme } from '@keepwarm/dashboard/page/ui/theme.ts'
import { progressOf } from '../state/work.ts'
import { announcement, needsToken, place, work } from '../store.ts'
import { Add } from './add.tsx'
import { DocumentView } from './document.tsx'
import { hovering } from './drops.ts'
import { Header } from './header.tsx'
import { Results } from './results.tsx'
import { SearchForm } from './search-form.tsx'
import { TokenForm } from './token.tsx'
import { Trouble } from './trouble.tsx'
import { GivenUp, Indexing } from './indexing.tsx'

const NAME = 'Intelligence service'

export function App({ begin }: { begin: () => void }): JSX.Element {
  useCells(theme, needsToken, place, hovering)
  return (
    <div class="screen">
      <a class="skip" href="#query" onClick={toQuery}>
        To the search
      </a>
      <Header name={NAME} />
      {needsToken.value ? (
        <main>
          <TokenForm begin={begin} />
        </main>
      ) : (
        <>
          <Trouble />
          <main class="columns">
            <div class="find">
              <SearchForm />
              <Results />
            </div>
            <div class="give">
              <Add />
              <Indexing />
              <GivenUp />
            </div>
          </main>
          <DocumentView id={place.value.document} />
        </>
      )}
      <Title />
      <Announcements />
      {hovering.value && (
        <div class="curtain" aria-hidden="true">
          <p>Drop to index</p>
        </div>
      )}
    </div>
  )
}

/** The address says what is looked at, so that it is not to be changed by a step inside the page. */
function toQuery(event: Event): void {
  event.preventDefault()
  document.getElementById('query')?.focus()
}

/** The tab tells how far it is while somebody looks elsewhere. */
function Title(): null {
  useCells(work)
  const { all, over } = progressOf(work.value)
  useEffect(() => {
    document.title = over < all ? `${over} of ${all} – ${NAME}` : NAME
  }, [all, over])
  return null
}

function Announcements(): JSX.Element {
  useCells(announcement)
  return (
    <p class="unseen" role="status" aria-live="polite">
      {announcement.value}
    </p>
  )
}
