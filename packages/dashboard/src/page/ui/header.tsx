import type { JSX } from 'preact'
import { useCells } from '../cell.ts'
import { lookAt } from '../feed.ts'
import { bytes, clock, duration, share } from '../state/format.ts'
import { ageOf } from '../state/link.ts'
import { paused, ranged, shown } from '../state/screen.ts'
import { ranges, type Range } from '../state/window.ts'
import { link, now, screen, stale } from '../store.ts'
import { Glyph, glyphs, LevelMark } from './marks.tsx'
import { setTheme, theme, themes } from './theme.ts'

const rangeText: Readonly<Record<Range, string>> = { 300: '5m', 900: '15m', 3600: '1h' }
/** Above this, timings of calls are partly those of this process (ms). */
const SLOW_LOOP = { warn: 50, critical: 200 } as const

export function Header(): JSX.Element {
  const process = shown(screen.value)?.tick.snapshot.process
  return (
    <header class="top">
      <h1>{process?.name ?? 'keepwarm'}</h1>
      <Processes />
      {process !== undefined && (
        <ul class="facts">
          <li>node {process.node.replace(/^v/, '')}</li>
          <li>pid {process.pid}</li>
          <li>up {duration(process.uptime * 1_000)}</li>
          <Loop p99={process.loop?.p99} />
          {process.cpu !== null && <li>cpu {share(process.cpu)}</li>}
          <li>{bytes(process.rss)}</li>
        </ul>
      )}
      <Age />
      <div class="controls">
        <PauseButton />
        <fieldset class="switch">
          <legend>Range of the charts</legend>
          {ranges.map((range) => (
            <Choice
              key={range}
              name="range"
              text={rangeText[range]}
              checked={screen.value.range === range}
              choose={() => (screen.value = ranged(screen.value, range))}
            />
          ))}
        </fieldset>
        <fieldset class="switch">
          <legend>Colours</legend>
          {themes.map((name) => (
            <Choice
              key={name}
              name="theme"
              text={name}
              checked={theme.value === name}
              choose={() => setTheme(name)}
            />
          ))}
        </fieldset>
      </div>
    </header>
  )
}

/** Where a service is several processes: their sum, or one of them. */
function Processes(): JSX.Element | null {
  const { processes = [], view } = screen.value.latest?.tick ?? {}
  if (processes.length < 2) return null
  return (
    <select
      aria-label="Process"
      value={view ?? 'sum'}
      onChange={({ currentTarget: { value } }) => lookAt(value === 'sum' ? '' : value)}
    >
      <option value="sum">all {processes.length} processes</option>
      {processes.map(({ id, name, silent }) => (
        <option key={id} value={id}>
          {name} {id}
          {silent === true ? ' (silent)' : ''}
        </option>
      ))}
    </select>
  )
}

function Loop({ p99 }: { p99: number | undefined }): JSX.Element | null {
  if (p99 === undefined) return null
  const level = p99 >= SLOW_LOOP.critical ? 'critical' : p99 >= SLOW_LOOP.warn ? 'warn' : 'ok'
  return (
    <li class={level} title="Delay of the event loop, 99th percentile">
      <LevelMark level={level} /> loop p99 {duration(p99)}
    </li>
  )
}

/** How old what is shown is. */
function Age(): JSX.Element {
  useCells(now)
  const age = ageOf(link.value, now.value)
  const { frozen, latest } = screen.value
  const at = (frozen ?? latest)?.tick.snapshot.at
  const told =
    age === undefined
      ? 'connecting …'
      : frozen !== undefined
        ? `paused at ${clock(at!)}`
        : `updated ${duration(Math.floor(age / 100) * 100)} ago`
  return <p class={`age ${stale.value || frozen !== undefined ? 'warn' : ''}`}>{told}</p>
}

function PauseButton(): JSX.Element {
  const isPaused = screen.value.frozen !== undefined
  return (
    <button
      type="button"
      class="pause"
      aria-pressed={isPaused}
      disabled={screen.value.latest === undefined}
      onClick={() => (screen.value = paused(screen.value, !isPaused))}
    >
      <Glyph path={isPaused ? glyphs.play : glyphs.pause} /> {isPaused ? 'Resume' : 'Pause'}
    </button>
  )
}

interface ChoiceFacts {
  readonly name: string
  readonly text: string
  readonly checked: boolean
  readonly choose: () => void
}

function Choice({ name, text, checked, choose }: ChoiceFacts): JSX.Element {
  return (
    <label>
      <input type="radio" name={name} checked={checked} onChange={choose} />
      <span>{text}</span>
    </label>
  )
}
