import { HttpClient, observe } from 'keepwarm'
import { afterAll, expect, test } from 'vitest'
import { isAsBad } from './levels.ts'
import { paintDiagnosis } from './paint.ts'
import { diagnoseDocuments } from './snapshots.ts'

const client = new HttpClient({ name: 'search' })
const observed = observe(client)
const snapshot = observed.snapshot()
afterAll(async () => {
  observed[Symbol.dispose]()
  await client.close()
})

const document = (value: unknown, name = 'x.json'): { name: string; text: string } => ({
  name,
  text: JSON.stringify(value),
})

test('the newest of several snapshots is judged, in whatever order and form they come', () => {
  const later = { ...snapshot, at: snapshot.at + 20_000 }
  expect(diagnoseDocuments([document(later), document(snapshot)]).at).toBe(later.at)
  expect(diagnoseDocuments([document([snapshot, later])]).at).toBe(later.at)
  expect(diagnoseDocuments([document(snapshot)]).verdicts).toMatchObject([{ kind: 'healthy' }])
})

test('a diagnosis that was kept is told as it is', () => {
  const kept = { version: 1, at: 5, verdicts: [{ kind: 'x', level: 'warn', text: 'y', evidence: [] }] }
  expect(diagnoseDocuments([document(kept)])).toEqual(kept)
})

test.each([
  [{ version: 2 }, 'x.json is of version 2; this command knows version 1'],
  [[], 'x.json is an empty list'],
  [{ version: 1, at: 1, process: {}, clients: [{}], pools: [] }, 'no whole snapshot'],
  ['text', 'x.json holds no snapshot'],
  [null, 'x.json holds no snapshot'],
])('%j is told to be none', (value, message) => {
  expect(() => diagnoseDocuments([document(value)])).toThrow(message)
})

test('a level counts as bad from the one that is asked for on, and an unknown one always', () => {
  expect(['ok', 'info', 'warn', 'critical', 'new'].map((level) => isAsBad(level, 'warn'))).toEqual([
    false,
    false,
    true,
    true,
    true,
  ])
  expect([isAsBad('info', 'info'), isAsBad('warn', 'critical')]).toEqual([true, false])
})

test('colours say how bad it is, and what can be copied', () => {
  const text = 'CRITICAL  pool_exhausted  search\n  no room\n    waiting  5\n  → Look.\n      A=1'
  expect(paintDiagnosis(text, (format, part) => `<${[format].flat().join('+')}>${part}</>`)).toBe(
    '<red+bold>CRITICAL</>  <bold>pool_exhausted</>  search\n  no room\n<dim>    waiting  5</>\n  → Look.\n<cyan>      A=1</>',
  )
})
