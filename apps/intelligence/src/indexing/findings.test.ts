import { expect, test } from 'vitest'
import { batchWorkflow } from './batch-workflow.ts'
import { deliverySchema, fromDelivery, toDelivery } from './delivery.ts'
import { toDraft } from './draft.ts'
import { packFindings, unpackFindings, type Findings } from './findings.ts'
import { chunk, documentKind } from './stages.ts'

const draft = toDraft(
  { content: '# Pool\n\nOne queue.\n', source: 'docs/pool.md', metadata: { some_Key: 1 } },
  5,
)

test('findings are kept bit by bit, except for what is quicker made again', () => {
  const findings: Findings = {
    chunks: [],
    vectors: [Float32Array.of(1 / 3, -0, 1e-30), null],
    language: 'en',
    done: { chunk: { chunks: 2 }, entities: { entities: 1 }, deliver: null },
  }
  const { chunks, ...kept } = findings
  expect(chunks).toEqual([])
  expect(unpackFindings(packFindings(findings))).toEqual({ ...kept, done: { entities: { entities: 1 } } })
})

test('a delivery arrives as it was sent', () => {
  const findings: Findings = { done: {}, vectors: [Float32Array.of(0.1, 2)] }
  chunk({ draft, findings })
  findings.entities = [
    {
      entityId: 'e',
      name: 'Pool',
      type: 'CONCEPT',
      confidence: 0.5,
      span: { start: 2, end: 6 },
      description: null,
    },
  ]
  findings.relationships = [
    { sourceEntityId: 'e', targetEntityId: 'f', type: 'USES', confidence: 1, context: null },
  ]
  const sent = JSON.parse(JSON.stringify(toDelivery(draft, findings, [], undefined))) as unknown
  const { chunks, entities, relationships, metadata, title } = fromDelivery(deliverySchema.parse(sent))
  expect(chunks).toEqual([
    { ordinal: 0, start: 0, end: 19, heading: 'Pool', text: draft.content, vector: Float32Array.of(0.1, 2) },
  ])
  expect({ entities, relationships, metadata, title }).toEqual({
    entities: findings.entities,
    relationships: findings.relationships,
    metadata: { some_Key: 1 },
    title: 'Pool',
  })
})

test.each([
  ['a place outside', { start: 0, end: 999, heading: null, vector: null }],
  ['a vector that is no base64', { start: 0, end: 1, heading: null, vector: '***' }],
  ['half a number', { start: 0, end: 1, heading: null, vector: 'AAA=' }],
])('a delivery with %s is refused', (_, bad) => {
  const sent = { ...toDelivery(draft, { done: {} }, [], undefined), chunks: [bad] }
  expect(deliverySchema.safeParse(sent).success).toBe(false)
})

test('a batch asks for the same workflow every time, and its nodes fit together', () => {
  const workflow = batchWorkflow({ id: 'b', name: 'docs' })
  expect(batchWorkflow({ id: 'b', name: 'docs' })).toEqual(workflow)
  const ids = workflow.workflowNodes.map(({ nodeId }) => nodeId)
  expect(new Set(ids).size).toBe(6)
  for (const { dependencies = [] } of workflow.workflowNodes) {
    expect(dependencies.filter((id) => !ids.includes(id))).toEqual([])
  }
  expect(batchWorkflow({ id: 'c', name: 'docs' }).workflowNodes[0]?.nodeId).not.toBe(ids[0])
})

test.each([
  ['README.md', 'README'],
  ['packages/a/readme.txt', 'README'],
  ['CHANGELOG.md', 'CHANGELOG'],
  ['docs/api/Pool.md', 'API'],
  ['docs/best-practices/proxy.md', 'GUIDE'],
  ['docs/decisions/0001.md', 'ARCHITECTURE'],
  ['notes/capital.md', 'UNKNOWN'],
])('%s is a document of type %s', (path, kind) => {
  expect(documentKind(path)).toBe(kind)
})

test.each([
  [{ content: 'First line\nsecond' }, 'First line'],
  [{ content: 'x\n\n# Later heading' }, 'Later heading'],
  [{ content: 'text', source: 'a/b.txt' }, 'b.txt'],
  [{ content: 'text', title: 'Mine', source: 'a/b.txt' }, 'Mine'],
])('the title of %o is %s', (input, title) => {
  expect(toDraft(input, 0).title).toBe(title)
})
