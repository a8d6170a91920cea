import type { JSX } from 'preact'
import { useCells } from '@keepwarm/dashboard/page/cell.ts'
import { LevelMark } from '@keepwarm/dashboard/page/ui/marks.tsx'
import { setTheme, theme, themes } from '@keepwarm/dashboard/page/ui/theme.ts'
import { counted } from '../state/text.ts'
import { counts, health, link, type Link } from '../store.ts'

export function Header({ name }: { name: string }): JSX.Element {
  return (
    <header class="top">
      <h1>{name}</h1>
      <Counted />
      <button type="button" class="small jump" onClick={toAdd}>
        Add documents
      </button>
      <nav aria-label="For operators">
        <a href="dashboard/">Dashboard</a>
        <a href="diagnose">Diagnosis</a>
        <a href="metrics">Metrics</a>
        <a href="openapi.json">API</a>
      </nav>
      <fieldset class="switch">
        <legend>Colours</legend>
        {themes.map((one) => (
          <label key={one}>
            <input type="radio" name="theme" checked={theme.value === one} onChange={() => setTheme(one)} />
            <span>{one}</span>
          </label>
        ))}
      </fieldset>
      <Connection />
    </header>
  )
}

/** On a narrow screen documents are added below what was found. */
function toAdd(): void {
  const section = document.getElementById('add')
  section?.scrollIntoView()
  section?.focus()
}

function Counted(): JSX.Element | null {
  useCells(counts)
  const { succeeded = 0, pending = 0, running = 0, failed = 0 } = counts.value ?? {}
  if (counts.value === undefined) return null
  const open = pending + running + failed
  return (
    <p class="soft">
      {counted(succeeded, 'document')}
      {open > 0 && `, ${open} under way`}
    </p>
  )
}

const phases: Readonly<Record<Link['phase'], readonly ['ok' | 'info' | 'warn', string]>> = {
  live: ['ok', 'live'],
  connecting: ['info', 'connecting …'],
  lost: ['warn', 'connection lost, trying again'],
}

/** Whether what is shown is of now; and each upstream, by name. */
function Connection(): JSX.Element {
  useCells(link, health)
  const [level, text] = phases[link.value.phase]
  return (
    <ul class="facts">
      <li class={`link ${level}`}>
        <LevelMark level={level} /> {text}
      </li>
      {Object.entries(health.value?.upstreams ?? {}).map(([name, { healthy, url, stand_in }]) => (
        <li
          key={name}
          class={healthy ? '' : 'critical'}
          title={`${url}${stand_in === true ? ' (stand-in)' : ''}`}
        >
          <LevelMark level={healthy ? 'ok' : 'critical'} /> {name}
          {!healthy && ' is down'}
        </li>
      ))}
    </ul>
  )
}
