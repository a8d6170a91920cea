import type { JSX } from 'preact'
import { useCells } from '@keepwarm/dashboard/page/cell.ts'
import { LevelMark } from '@keepwarm/dashboard/page/ui/marks.tsx'
import { openDocument } from '../find.ts'
import { redrive, retry } from '../look.ts'
import type { Level } from '../state/freshness.ts'
import { stageNames, stagesOver, stagesText, stageWork } from '../state/stages.ts'
import { counted } from '../state/text.ts'
import { cleared, isOver, isTroubled, ordered, progressOf, type Item, type Standing } from '../state/work.ts'
import { counts, dead, latest, work } from '../store.ts'
import type { DeadJob } from '../wire.ts'

/** Rows that are shown; the rest is counted. */
const MOST_SHOWN = 100

const standings: Readonly<Record<Standing, readonly [Level, string]>> = {
  sending: ['info', 'being sent'],
  waiting: ['info', 'waits for its turn'],
  working: ['info', 'being indexed'],
  held: ['warn', 'waits for an upstream that is down'],
  retrying: ['warn', 'failed, is tried again'],
  done: ['ok', 'indexed'],
  unchanged: ['ok', 'unchanged, indexed before'],
  degraded: ['warn', 'indexed, but for some stages'],
  dead: ['critical', 'given up'],
  refused: ['critical', 'not taken'],
}

/** What is under way, as it happens. */
export function Indexing(): JSX.Element | null {
  useCells(work, latest)
  const items = ordered(work.value)
  if (items.length === 0) return null
  const { all, over, troubled } = progressOf(work.value)
  return (
    <section class="panel indexing" aria-labelledby="indexing">
      <div class="bar">
        <h2 id="indexing">Indexing</h2>
        <p class="soft">
          {over} of {all} over{troubled > 0 && `, ${troubled} with trouble`}
        </p>
        <button
          type="button"
          class="small"
          disabled={over === 0}
          onClick={() => (work.value = cleared(work.value))}
        >
          Clear
        </button>
      </div>
      <progress aria-label="Documents that are over" max={all} value={over} />
      <ul class="scroll" tabIndex={0} aria-label="Documents under way">
        {items.slice(0, MOST_SHOWN).map((item) => (
          <Row key={item.key} item={item} />
        ))}
      </ul>
      {items.length > MOST_SHOWN && <p class="soft">and {items.length - MOST_SHOWN} more</p>}
    </section>
  )
}

function Row({ item }: { item: Item }): JSX.Element {
  const [level, text] = standings[item.standing]
  const canOpen = ['done', 'degraded', 'unchanged'].includes(item.standing)
  const title = latest.value.find(({ id }) => id === item.key)?.title ?? item.title
  return (
    <li class={`item ${item.standing}`}>
      <LevelMark level={level} />
      {canOpen ? (
        <button type="button" class="link title" onClick={() => openDocument(item.key)}>
          {title}
        </button>
      ) : (
        <span class="title">{title}</span>
      )}
      <span class={`standing ${level}`}>
        {text}
        {item.attempt > 1 && !isOver(item) && ` (attempt ${item.attempt})`}
      </span>
      {item.standing !== 'refused' && <StageBar item={item} />}
      {item.reason !== undefined && isTroubled(item) && <Reason text={item.reason} />}
      {['dead', 'retrying', 'held', 'degraded'].includes(item.standing) && (
        <button
          type="button"
          class="small"
          aria-label={`Try ${title} again`}
          onClick={() => void retry(item.key)}
        >
          Try again
        </button>
      )}
    </li>
  )
}

/** A step for each stage; hollow, hatched, full or crossed says what its colour says. */
function StageBar({ item: { stages, standing } }: { item: Item }): JSX.Element | null {
  const hasNothingToShow = Object.keys(stages).length === 0 || standing === 'done' || standing === 'unchanged'
  if (hasNothingToShow) return null
  const text = stagesText(stages)
  return (
    <div class="stages">
      <div
        class="steps"
        role="progressbar"
        aria-label="Stages"
        aria-valuemin={0}
        aria-valuemax={stageNames.length}
        aria-valuenow={stagesOver(stages)}
        aria-valuetext={text}
      >
        {stageNames.map((name) => (
          <span
            key={name}
            class={`step ${stages[name] ?? 'ahead'}`}
            title={`${name}, ${stageWork[name]}: ${stages[name] ?? 'not begun'}`}
          />
        ))}
      </div>
      <small aria-hidden="true">{text}</small>
    </div>
  )
}

/** Characters of a reason that are read at a glance. */
const GLANCE = 150

/** A reason may tell all that was measured, and what to do; that is for those who ask. */
function Reason({ text }: { text: string }): JSX.Element {
  if (text.length <= GLANCE) return <p class="reason">{text}</p>
  const end = text.lastIndexOf(' ', GLANCE)
  const cut = end > 0 ? end : GLANCE
  return (
    <details class="reason">
      <summary>{text.slice(0, cut).toWellFormed()} …</summary>
      {text.slice(cut).toWellFormed()}
    </details>
  )
}

/** Dead letters: what was given up, with its reasons, and another chance. */
export function GivenUp(): JSX.Element | null {
  useCells(dead, counts, work)
  const jobs = dead.value
  const all = counts.value?.dead ?? jobs.length
  if (jobs.length === 0) return null
  return (
    <section class="panel dead" aria-labelledby="dead">
      <div class="bar">
        <h2 id="dead">Given up</h2>
        <p class="soft">{counted(all, 'document')}</p>
        <button type="button" onClick={() => void redrive()}>
          Try all again
        </button>
      </div>
      <ul class="scroll" tabIndex={0} aria-label="Documents that were given up">
        {jobs.map((job) => (
          <DeadRow key={job.document_id} job={job} />
        ))}
      </ul>
    </section>
  )
}

function DeadRow({ job: { document_id: id, reason, attempts } }: { job: DeadJob }): JSX.Element {
  const title = work.value.get(id)?.title ?? id
  return (
    <li class="item">
      <LevelMark level="critical" />
      <span class="title">{title}</span>
      <span class="standing">after {counted(attempts, 'attempt')}</span>
      <Reason text={reason ?? 'no reason is known'} />
      <button type="button" class="small" aria-label={`Try ${title} again`} onClick={() => void retry(id)}>
        Try again
      </button>
    </li>
  )
}
