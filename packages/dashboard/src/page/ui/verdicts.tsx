import type { JSX } from 'preact'
import { useCells } from '../cell.ts'
import { verdictKey } from '../state/headline.ts'
import { choosing } from '../state/screen.ts'
import { kindText, levelText } from '../state/words.ts'
import { headline, link, now, screen, selected, stale } from '../store.ts'
import type { WireVerdict } from '../wire.ts'
import { Copyable } from './copy.tsx'
import { LevelMark } from './marks.tsx'

/** What is wrong, in a sentence each; their evidence and a remedy on request. */
export function Verdicts(): JSX.Element {
  const shown = headline()
  const level = shown?.level ?? 'info'
  return (
    <section class={`verdicts ${level}`} aria-label="Verdict">
      <Silence />
      {shown === undefined ? (
        <p class="summary">Waiting for the first figures …</p>
      ) : (
        <>
          {shown.verdicts.map((verdict) => (
            <Verdict key={verdictKey(verdict)} verdict={verdict} />
          ))}
          <p class="summary">
            {shown.verdicts.length === 0 && <LevelMark level={level} />} {shown.summary}
          </p>
        </>
      )}
      <p class="unseen" aria-live="polite">
        {stale.value ? 'The data are stale.' : (shown?.announcement ?? '')}
      </p>
    </section>
  )
}

/** What is shown may not be true any more: that goes before everything else. */
function Silence(): JSX.Element | null {
  useCells(now)
  const { heardAt, phase, problem } = link.value
  if (problem !== undefined && (phase === 'live' || heardAt === undefined))
    return <p class="banner">{problem}</p>
  if (heardAt === undefined) {
    return phase === 'lost' ? <p class="banner">The service cannot be reached. Trying again …</p> : null
  }
  if (!stale.value) return null
  const seconds = Math.floor((now.value - heardAt) / 1_000)
  return (
    <p class="banner">
      <LevelMark level="warn" /> Stale: no data for {seconds} s. What you see is how it was.
      {phase === 'lost' ? ` ${problem ?? 'The connection to the service is lost.'} Trying again …` : ''}
    </p>
  )
}

function Verdict({ verdict }: { verdict: WireVerdict }): JSX.Element {
  const { level, kind, client, text, evidence, suggestion, includes = [] } = verdict
  return (
    <details class={`verdict ${level}`}>
      <summary>
        <LevelMark level={level} />
        <span class="unseen">{levelText[level]}: </span>
        <b>{client ?? 'this process'}</b> <span class="kind">{kindText(kind)}</span>
        <span class="text">{text}</span>
      </summary>
      <div class="more">
        <dl>
          {evidence.map(({ name, value }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {includes.length > 0 && <p class="soft">The same shows as: {includes.map(kindText).join(', ')}</p>}
        {suggestion !== null && (
          <div class="remedy">
            <p>{suggestion.text}</p>
            {suggestion.env !== undefined && <Copyable text={suggestion.env} />}
            {suggestion.code !== undefined && <Copyable text={suggestion.code} />}
          </div>
        )}
        {client !== null && selected()?.name !== client && (
          <button type="button" onClick={() => (screen.value = choosing(screen.value, client))}>
            Show {client}
          </button>
        )}
      </div>
    </details>
  )
}
