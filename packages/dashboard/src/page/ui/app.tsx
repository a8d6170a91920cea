import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { useCells } from '../cell.ts'
import { titleOf } from '../state/headline.ts'
import { shown } from '../state/screen.ts'
import { filter, headline, link, screen, stale, tables } from '../store.ts'
import { Connections } from './connections.tsx'
import { Chosen } from './chosen.tsx'
import { Clients } from './clients.tsx'
import { Events } from './events.tsx'
import { Header } from './header.tsx'
import { paint, theme } from './theme.ts'
import { Verdicts } from './verdicts.tsx'

/** Drawn anew with each tick and each choice; what moves more often looks for itself. */
export function App(): JSX.Element {
  useCells(screen, link, stale, filter, tables, theme, paint)
  const seen = shown(screen.value)
  const now = headline()
  useEffect(() => {
    if (seen !== undefined && now !== undefined)
      document.title = titleOf(now, seen.tick.snapshot.process.name)
  }, [now])
  return (
    <div class={`screen ${stale.value ? 'stale' : ''}`}>
      <Header />
      <Verdicts />
      <main>
        <Clients />
        <Chosen />
        <div class="lists">
          <Connections />
          <Events />
        </div>
      </main>
    </div>
  )
}
