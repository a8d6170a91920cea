import type { JSX } from 'preact'
import { LevelMark } from '@keepwarm/dashboard/page/ui/marks.tsx'
import { freshnessOf } from '../state/freshness.ts'
import { ageText, percent } from '../state/text.ts'
import type { Status } from '../wire.ts'

/** How fresh a document is: level, score and age. */
export function FreshnessMark({
  status,
  isExplained = false,
}: {
  status: Status | undefined
  isExplained?: boolean
}): JSX.Element {
  const freshness = freshnessOf(status)
  if (freshness === undefined) return <small class="freshness">freshness not known</small>
  const { level, word, score, modifiedAt, kind } = freshness
  const scored =
    kind === undefined
      ? 'Scored when it was indexed. Its name says no kind (README, guide, API …), so that 50 % is the most it can reach.'
      : `Scored as ${kind} when it was indexed.`
  return (
    <small class={`freshness ${level}`} title={scored}>
      <LevelMark level={level} /> {word} {percent(score)}
      {modifiedAt !== undefined && <span class="soft"> · changed {ageText(modifiedAt, Date.now())}</span>}
      {isExplained && <span class="soft"> · {scored}</span>}
    </small>
  )
}
