/** Signs that say by their shape what their colour says, too. Each stands beside its word, so it is silent itself. */
import type { JSX } from 'preact'
import type { Breaker, Level } from '../wire.ts'

const shapes: Readonly<Record<Level, JSX.Element>> = {
  ok: <circle cx="8" cy="8" r="4.5" />,
  info: <path d="M8 2.5 13.5 8 8 13.5 2.5 8Z" />,
  warn: <path d="M8 1.8 15 14H1Z" />,
  critical: <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5Z" />,
}

const inner: Readonly<Partial<Record<Level, JSX.Element>>> = {
  warn: <path class="cut" d="M7.2 6h1.6v4H7.2zM7.2 11h1.6v1.6H7.2z" />,
  critical: <path class="cut" d="M4 7h8v2.2H4z" />,
}

export function LevelMark({ level }: { level: Level }): JSX.Element {
  return (
    <svg class={`mark ${level}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      {shapes[level] ?? shapes.warn}
      {inner[level]}
    </svg>
  )
}

const switches: Readonly<Record<Breaker, JSX.Element>> = {
  closed: <path d="M2 8H18" />,
  'half-open': <path d="M2 8H7L13 4.5M13 8H18" />,
  open: <path d="M2 8H7L10.5 1.5M13 8H18" />,
}

/** A switch in a wire: through, ajar, or open. */
export function BreakerMark({ state }: { state: Breaker }): JSX.Element {
  return (
    <svg class={`breaker ${state}`} viewBox="0 0 20 12" width="20" height="12" aria-hidden="true">
      {switches[state]}
      <circle cx="7" cy="8" r="1.6" />
      <circle cx="13" cy="8" r="1.6" />
    </svg>
  )
}

/** A symbol of one stroke, for buttons. */
export function Glyph({ path }: { path: string }): JSX.Element {
  return (
    <svg class="glyph" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      <path d={path} />
    </svg>
  )
}

export const glyphs = {
  pause: 'M5 3v10M11 3v10',
  play: 'M4 3l9 5-9 5z',
  table: 'M2 3h12v10H2zM2 7h12M7 3v10',
  chart: 'M2 13h12M4 11V7M8 11V3M12 11V6',
  copy: 'M5 5h8v9H5zM3 11V2h8',
  theme: 'M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12',
} as const
