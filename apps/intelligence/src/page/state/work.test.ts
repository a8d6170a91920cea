import { expect, test } from 'vitest'
import { stageNames as pipelineStages } from '../../indexing/findings.ts'
import type { Event, Status } from '../wire.ts'
import { stageNames, stagesText } from './stages.ts'
import {
  cleared,
  described,
  noWork,
  ordered,
  progressOf,
  reasonOf,
  refused,
  sent,
  taken,
  told,
  type Item,
  type Work,
} from './work.ts'

const accepted: Event = { type: 'accepted', document: 'a', batch: null }
const stage = (name: 'embed' | 'chunk', state: 'running' | 'succeeded' | 'failed', attempt = 1): Event => {
  return { type: 'stage', document: 'a', stage: name, state, attempt }
}
const ended = (outcome: 'succeeded' | 'dead' | 'retrying', document = 'a'): Event => {
  return { type: 'ended', document, outcome, attempt: 1 }
}
const after = (...events: Event[]): Work => events.reduce(told, noWork)
const only = (work: Work): Item => [...work.values()][0]!

function statusOf(given: Partial<Status>): Status {
  return {
    ...{ document_id: 'a', state: 'succeeded', attempts: 1, max_attempts: 8, reason: null, enqueued_at: 0 },
    ...{ started_at: 0, finished_at: 0, retry_at: null, again_after: false, steps: [], searchable: true },
    ...{ degraded: [], repair_at: null, ...given },
  }
}

test('the page knows the stages of the pipeline, in its order', () => {
  expect(stageNames).toEqual(pipelineStages)
})

test('a document goes from stage to stage to its end', () => {
  expect(only(after(accepted))).toMatchObject({ standing: 'waiting', stages: {} })
  const midway = after(accepted, stage('chunk', 'succeeded'), stage('embed', 'running'))
  expect(only(midway)).toMatchObject({
    standing: 'working',
    stages: { chunk: 'succeeded', embed: 'running' },
  })
  expect(stagesText(only(midway).stages)).toBe('1 of 7 stages; embed')
  expect(only(told(midway, ended('succeeded')))).toMatchObject({ standing: 'done' })
  expect(told(midway, { type: 'removed', document: 'a' }).size).toBe(0)
})

test('a new attempt begins with no stage, what the same attempt did stays', () => {
  const failed = after(accepted, stage('chunk', 'succeeded'), stage('embed', 'failed'), ended('retrying'))
  expect(only(failed)).toMatchObject({ standing: 'retrying', stages: { embed: 'failed' } })
  expect(only(told(failed, stage('chunk', 'running', 2)))).toMatchObject({
    ...{ attempt: 2, standing: 'working', stages: { chunk: 'running' } },
  })
})

test('an answer meets the events, whichever comes first, and the title of the file stays', () => {
  const answer = { id: 'a', status: 'pending', status_url: '' } as const
  const first = taken(sent(noWork, 'own', 'notes.md'), 'own', answer)
  const late = taken(told(told(sent(noWork, 'own', 'notes.md'), accepted), ended('succeeded')), 'own', answer)
  expect([first.size, only(first)]).toMatchObject([1, { key: 'a', title: 'notes.md', standing: 'waiting' }])
  expect([late.size, only(late)]).toMatchObject([1, { key: 'a', title: 'notes.md', standing: 'done' }])
  const unchanged = taken(sent(noWork, 'own', 'x'), 'own', { ...answer, status: 'unchanged' })
  expect(only(unchanged).standing).toBe('unchanged')
})

test('what the service says of a document counts more than what was heard', () => {
  const lost = after(accepted, stage('embed', 'running'))
  const steps: Status['steps'] = [
    { stage: 'semantic', state: 'failed', attempt: 1, detail: { reason: 'langextract: down' }, duration: 1 },
  ]
  const known = only(described(lost, statusOf({ degraded: ['semantic'], steps })))
  expect(known).toMatchObject({ standing: 'degraded', reason: 'semantic: langextract: down' })
  expect(only(described(lost, statusOf({ state: 'dead', reason: 'embed: no' })))).toMatchObject({
    ...{ standing: 'dead', reason: 'embed: no' },
  })
  expect(described(noWork, statusOf({})).size).toBe(0)
  expect(reasonOf(statusOf({}))).toBeUndefined()
})

test('the busy stand first, then the troubled, the waiting in their order, and what is over', () => {
  let work = after(
    ...['done', 'dead', 'busy'].map((document): Event => ({ type: 'accepted', document, batch: null })),
  )
  work = told(told(work, ended('succeeded', 'done')), ended('dead', 'dead'))
  work = told(work, { type: 'stage', document: 'busy', stage: 'embed', state: 'running', attempt: 1 })
  work = sent(sent(work, 'first', 'first'), 'second', 'second')
  expect(ordered(work).map(({ key }) => key)).toEqual(['busy', 'dead', 'first', 'second', 'done'])
  expect(progressOf(work)).toEqual({ all: 5, over: 2, troubled: 1 })
  expect([...cleared(refused(work, 'first', 'empty')).keys()].sort()).toEqual(['busy', 'dead', 'second'])
})

test('of thousands the oldest that are over are forgotten, and none that is under way', () => {
  let work = told(noWork, { type: 'accepted', document: 'open', batch: null })
  for (let index = 0; index < 2_000; index++) work = told(work, ended('succeeded', `d${index}`))
  expect(work.size).toBeLessThanOrEqual(300)
  expect(work.has('open')).toBe(true)
  expect(work.has('d1999')).toBe(true)
})
