import type { JSX, TargetedKeyboardEvent } from 'preact'
import { duration, factor, rate, share } from '../state/format.ts'
import { LATELY, type Row } from '../state/rows.ts'
import { choosing } from '../state/screen.ts'
import { breakerText } from '../state/words.ts'
import { rows, screen, selected } from '../store.ts'
import { BreakerMark, LevelMark } from './marks.tsx'
import { Slots } from './slots.tsx'
import { Sparkline } from './spark.tsx'

/** Attempts per call from which retries are worth a sign. */
const MANY_RETRIES = 1.2

const heads = [
  ['Client', ''],
  ['State', ''],
  ['Breaker', ''],
  ['Connections', 'filled: in use · low: idle · dot: free'],
  ['Waiting', 'calls in line, the age of the oldest, and the limit that they wait for'],
  ['Rate', `calls per second, last ${LATELY} s`],
  ['Success', `of calls, and of attempts before retries mended them, last ${LATELY} s`],
  ['p95', `of calls, last ${LATELY} s`],
  ['Attempts', `per call, last ${LATELY} s`],
  ['2 min', 'calls per second'],
] as const

/** A row for each client, worst first. */
export function Clients(): JSX.Element {
  const name = selected()?.name
  return (
    <section class="clients" aria-label="Clients">
      <table role="table" onKeyDown={walk}>
        <caption class="unseen">
          Clients, worst first. Up and down arrows choose the one that is shown below.
        </caption>
        <thead role="rowgroup">
          <tr role="row">
            {heads.map(([text, title]) => (
              <th key={text} scope="col" role="columnheader" title={title}>
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows().map((row) => (
            <ClientRow key={row.name} row={row} isSelected={row.name === name} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

function ClientRow({ row, isSelected }: { row: Row; isSelected: boolean }): JSX.Element {
  const { name, level, state, breaker, forced, places, figures, spark } = row
  const storm = (figures.multiplier ?? 1) >= MANY_RETRIES
  return (
    <tr
      role="row"
      class={`client ${level} ${isSelected ? 'selected' : ''}`}
      onClick={() => (screen.value = choosing(screen.value, name))}
    >
      <th scope="row" role="rowheader">
        <button type="button" class="pick" aria-pressed={isSelected}>
          {name}
        </button>
      </th>
      <Cell label="State" class={`state ${level}`}>
        <LevelMark level={level} /> {state}
      </Cell>
      <Cell label="Breaker" class={`breaker-cell ${breaker}`}>
        <BreakerMark state={breaker} /> {breakerText[breaker]}
        {forced ? ' (forced)' : ''}
      </Cell>
      <Cell label="Connections">
        <Slots places={places} />
      </Cell>
      <Cell label="Waiting" class={`number ${places.waiting > 0 ? 'alarm' : ''}`}>
        {places.waiting > 0 ? `▲ ${places.waiting}` : '0'}
        {places.waiting > 0 && <small> oldest {duration(places.oldestWait)}</small>}
        {places.blockedBy !== undefined && <small class="line">{places.blockedBy}</small>}
      </Cell>
      <Cell label="Rate" class="number">
        {rate(figures.rate)}
        <small>/s</small>
      </Cell>
      <Cell label="Success" class="number">
        <Success row={row} />
      </Cell>
      <Cell label="p95" class="number">
        {duration(figures.p95)}
        <small class="line">p50 {duration(figures.p50)}</small>
      </Cell>
      <Cell label="Attempts" class={`number ${storm ? 'alarm' : ''}`}>
        {storm ? '▲ ' : ''}
        {factor(figures.multiplier)}
      </Cell>
      <Cell label="2 min" class="spark-cell">
        <Sparkline spark={spark} />
      </Cell>
    </tr>
  )
}

/** Retries hide what the server does: what it answered stands beside what the callers got. */
function Success({ row: { figures } }: { row: Row }): JSX.Element {
  const { effective, actual } = figures
  const bad = effective !== null && effective < 0.99
  const hidden = effective !== null && actual !== null && effective - actual > 0.02
  return (
    <span class={bad ? 'alarm' : ''}>
      {bad ? '▼ ' : ''}
      {share(effective)}
      <small class={hidden ? 'line alarm' : 'line'}>attempts {share(actual)}</small>
    </span>
  )
}

interface CellFacts {
  readonly label: string
  readonly class?: string
  readonly children: JSX.Element | string | (JSX.Element | string | false)[]
}

/** On narrow screens a row is a card, and the head of its column stands in each cell. */
function Cell({ label, class: name = '', children }: CellFacts): JSX.Element {
  return (
    <td role="cell" class={name} data-label={label}>
      {children}
    </td>
  )
}

/** Arrows walk through the rows, wherever in the table the focus is. */
function walk(event: TargetedKeyboardEvent<HTMLTableElement>): void {
  const buttons = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('button.pick')]
  const at = buttons.findIndex((button) => button === document.activeElement)
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: Math.min(at + 1, buttons.length - 1),
    ArrowUp: Math.max(at - 1, 0),
    Home: 0,
    End: buttons.length - 1,
  }
  const target = buttons[targets[event.key] ?? -1]
  if (target === undefined || at < 0) return
  event.preventDefault()
  target.focus()
  target.click()
}
