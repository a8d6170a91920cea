/** What stands on top: what is wrong, worst first, or that nothing is. */
import type { Level, WireTick, WireVerdict } from '../wire.ts'
import type { Row } from './rows.ts'
import { kindText, rankOf, worse } from './words.ts'

export interface Headline {
  readonly level: Level
  readonly verdicts: readonly WireVerdict[]
  /** One line beside the verdicts, or the only one. */
  readonly summary: string
  /** For screen readers: changes when what is wrong changes, not with every number in it. */
  readonly announcement: string
}

export function headlineOf(tick: WireTick, rows: readonly Row[]): Headline {
  const verdicts = tick.verdicts
    .filter(({ level, kind }) => level !== 'ok' && kind !== 'healthy')
    .toSorted((a, b) => rankOf(b.level) - rankOf(a.level))
  const spoken = rows.filter(
    ({ level, name }) => rankOf(level) > 1 && !verdicts.some(({ client }) => client === name),
  )
  const level = [...verdicts, ...rows].reduce<Level>((worst, { level }) => worse(worst, level), 'ok')
  const summary = summaryOf(rows, spoken)
  const names = verdicts.map(({ kind, client }) => `${client ?? 'this process'}: ${kindText(kind)}`)
  return { level, verdicts, summary, announcement: names.length === 0 ? summary : `${names.join('. ')}.` }
}

/** Those that look bad without a verdict are named; the others are counted. */
function summaryOf(rows: readonly Row[], spoken: readonly Row[]): string {
  if (rows.length === 0) return 'No client has been made yet.'
  const well = rows.filter(({ level }) => rankOf(level) <= 1).length
  const named = spoken.map(({ name, state }) => `${name}: ${state}`)
  if (well === rows.length) return well === 1 ? 'The client is well.' : `All ${well} clients are well.`
  return [...named, well === 0 ? '' : `${well} of ${rows.length} clients well`]
    .filter((part) => part !== '')
    .join(' · ')
}

const signs: Readonly<Record<Level, string>> = { ok: '', info: '', warn: '▲ ', critical: '■ ' }

/** What the tab of the browser says, which is seen when the page is not. */
export function titleOf({ level, verdicts }: Headline, service: string): string {
  const [worst] = verdicts
  const wrong =
    worst && rankOf(worst.level) > 1 ? `${worst.client ?? 'process'}: ${kindText(worst.kind)} – ` : ''
  return `${signs[level] ?? ''}${wrong}${service}`
}

/** Verdicts keep their identity from tick to tick, so that one that is unfolded stays so. */
export function verdictKey({ kind, client, origin, group }: WireVerdict): string {
  return [kind, client, origin, group].map((part) => part ?? '').join('\n')
}
