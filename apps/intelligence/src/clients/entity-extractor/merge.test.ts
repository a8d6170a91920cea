import { expect, test } from 'vitest'
import { entityId as langextractId } from '../../upstreams/langextract/extract.ts'
import type { Answer, NamedEntity } from './answer.ts'
import { entityId, mergeAnswers } from './merge.ts'

const text = 'The Pool keeps sockets. A Budget pays, and the Pool waits.'

function named(name: string, more: Partial<NamedEntity> = {}): NamedEntity {
  return { name, type: 'COMPONENT', text: name, description: '', confidence: 0.5, ...more }
}

function answer(entities: NamedEntity[], relationships: Answer['relationships'] = []): Answer {
  return { entities, relationships, skipped: [] }
}

test('an entity stands where its wording first does, or nowhere', () => {
  const { entities } = mergeAnswers(text, 'a.md', [
    answer([
      named('Pool'),
      named('payment', { text: 'Budget pays', description: ' Pays. ' }),
      named('Budget', { text: 'the budget of it' }),
      named('Invented'),
    ]),
  ])
  expect(entities.map(({ span }) => span && text.slice(span.start, span.end))).toEqual([
    'Pool',
    'Budget pays',
    'Budget',
    null,
  ])
  expect(entities[0]?.span).toEqual({ start: 4, end: 8 })
  expect(entities.map(({ description }) => description)).toEqual([null, 'Pays.', null, null])
})

test('a name is one entity, of which the surest mention counts', () => {
  const answers = [
    answer([named('Pool', { confidence: 0.4 })]),
    answer([named('Pool', { confidence: 0.9, type: 'CLASS' }), named('Pool', { confidence: 0.6 })]),
  ]
  const { entities } = mergeAnswers(text, 'a.md', answers)
  expect(entities).toMatchObject([{ name: 'Pool', type: 'CLASS', confidence: 0.9 }])
})

test('ids depend on name and document alone, and are those of LangExtract', () => {
  expect(entityId('Pool', 'a.md')).toMatch(/^entity_[0-9a-f]{8}_[0-9a-f]{8}$/)
  expect(entityId('Pool', 'a.md')).toBe(langextractId('Pool', 'a.md'))
  expect(entityId('Pool', 'b.md')).not.toBe(entityId('Pool', 'a.md'))
})

test('relationships reach across windows, are told once, and lead to entities or are left out', () => {
  const uses = { source: 'pool', target: 'Budget', type: 'USES', confidence: 0.5 } as const
  const answers = [
    answer([named('Pool')], [uses]),
    answer(
      [named('Budget')],
      [
        { ...uses, source: 'Pool', confidence: 0.8 },
        { ...uses, target: 'Nobody' },
      ],
    ),
  ]
  const { relationships, skipped } = mergeAnswers(text, 'a.md', answers)
  expect(relationships).toEqual([
    {
      sourceEntityId: entityId('Pool', 'a.md'),
      targetEntityId: entityId('Budget', 'a.md'),
      type: 'USES',
      confidence: 0.8,
      context: null,
    },
  ])
  expect(skipped).toMatchObject([{ list: 'relationships', problem: expect.stringContaining('Nobody') }])
})
