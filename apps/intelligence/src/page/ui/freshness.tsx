import type { JSX } from 'preact'
import { LevelMark } from '@keepwarm/dashboard/page/ui/marks.tsx'
import { freshnessOf } from '../state/freshness.ts'
import { ageText, percent } from '../state/text.ts'
import type { Status } from '../wire.ts'

/** How fresh a document is: level, score and age. */
export function FreshnessMark({ status }: { status: Status | undefined }): JSX.Element {
  const freshness = freshnessOf(status)
  if (freshness === undefined) return <small class="freshness">freshness not known</small>
  const { level, word, score, modifiedAt, kind } = freshness
  const scored =
    kind === undefined
      ? 'Scored when it was indexed. A text that is no README, guide or API of a project by its name reaches 50 % at most.'
      : `Scored as ${kind} when it was indexed.`
  return (
    <small class={`freshness ${level}`} title={scored}>
      <LevelMark level={level} /> {word} {percent(score)}
      {modifiedAt !== undefined && <span class="soft"> · changed {ageText(modifiedAt, Date.now())}</span>}
    </small>
  )
}
