/** What the keys do, and what the columns say. */
import { clipped } from '../terminal/cells.ts'
import type { Paint } from '../terminal/terminal.ts'

const keys = [
  ['↑ ↓  j k', 'choose a client; g and G: the first, the last'],
  ['s  S', 'another order: state, name, rate, waiting, success, latency'],
  ['p  space', 'stop what is shown, not what is collected; again: go on'],
  ['d  enter', 'details of the chosen client, or the table alone'],
  ['tab', 'where a service is several processes: each of them, and their sum'],
  ['ctrl-z', 'leave it for the shell for a while'],
  ['q  esc', 'quit'],
] as const

const columns = [
  ['STATE', 'what the diagnosis says of it; of the last 30 seconds, as are all figures'],
  ['CONNECTIONS', '█ in use, ▞ being dialed, ░ idle, · free; streams with HTTP/2'],
  ['WAITING', 'calls in line for a connection, and the age of the oldest'],
  [
    'OK, SERVER',
    'calls as their callers saw them; attempts as the server answered them. Retries hide the difference',
  ],
  ['TRIES', 'attempts for each call'],
  ['P50, P99', 'what calls took: half of them less, one in a hundred more'],
  ['2 MIN', 'calls per second; red where some were lost'],
] as const

export function helpLines({ columns: width }: { readonly columns: number }, paint: Paint): string[] {
  const line = ([name, says]: readonly [string, string]): string =>
    `  ${paint('bold', name.padEnd(12))} ${clipped(says, Math.max(0, width - 16))}`
  return [
    '',
    ` ${paint('bold', 'Keys')}`,
    ...keys.map(line),
    '',
    ` ${paint('bold', 'Columns')}`,
    ...columns.map(line),
  ]
}
