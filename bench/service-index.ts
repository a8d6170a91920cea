/**
 * The index of the reference service alone: what a document and a search cost it in CPU time as it grows.
 *
 *     npm run bench -- service-index
 *     npm run bench -- service-index --documents 20000
 *     npm run bench -- service-index --json
 *
 * In this process and in one file, without queue and upstreams: CPU time can be told from a busy machine, too.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { count, environment, figure } from '@keepwarm/cli/measuring'
import { Progress } from './support/progress.ts'
import { print } from './support/report.ts'
import { measureIndex, type Cpu, type IndexResult } from './support/service-index-measure.ts'
import { readSettings } from './support/settings.ts'

const settings = readSettings('service-index', {
  documents: { usual: 100_000, quick: 200, least: 10, most: 10_000_000, meaning: 'that the index grows to' },
  portions: {
    usual: 10,
    quick: 2,
    least: 1,
    most: 1_000,
    meaning: 'after each of which searches are measured',
  },
  searches: { usual: 100, quick: 5, least: 1, most: 10_000, meaning: 'of each kind' },
  seed: { usual: 1, quick: 1, least: 1, most: 2 ** 31, meaning: 'of the documents' },
})

const facts = environment()
const progress = new Progress('service-index', settings.documents)
const folder = mkdtempSync(join(tmpdir(), 'keepwarm-index-'))
const result = await measureIndex({ ...settings, folder }, (done) =>
  progress.at(done, count(done, 'document')),
).finally(() => rmSync(folder, { recursive: true, force: true }))
progress.done()

print(
  {
    benchmark: 'service-index',
    environment: facts,
    settings: { ...settings },
    results: [result],
    method:
      `The documents of service-scale, stored one after another with their chunks, vectors of 768 numbers and entities; after ` +
      `each portion, ${count(settings.searches, 'search', 'searches')} by words and by meaning. CPU time of this process.`,
    tables: [
      {
        title: 'The index as it grows',
        header: [
          'Documents',
          'Chunks',
          'To store one, ms',
          'By words, p50 / p99 ms',
          'By meaning, p50 / p99 ms',
        ],
        rows: result.portions.map(({ documents, chunks, store, words, meaning }) => [
          ...[documents, chunks].map((value) => value.toLocaleString('en-US')),
          ...[figure(store), cpuText(words), cpuText(meaning)],
        ]),
      },
      {
        title: 'Bytes a document',
        header: ['Table or index', 'Bytes'],
        rows: result.tables.map(({ name, bytes }) => [name, figure(bytes)]),
      },
    ],
    findings: findings(result),
  },
  settings,
)

function cpuText({ p50, p99 }: Cpu): string {
  return `${figure(p50)} / ${figure(p99)}`
}

function findings({ portions, tables, recall }: IndexResult): string[] {
  const [first, last] = [portions[0]!, portions.at(-1)!]
  const bytes = tables.reduce((sum, table) => sum + table.bytes, 0)
  return [
    `Of the ten chunks whose vectors are nearest, ${percent(recall.ten)} are found, and of those that count as similar ${percent(recall.similar)}.`,
    `The tables above take ${figure(bytes)} bytes a document.`,
    `To store a document costs ${figure(last.store)} ms among ${count(last.documents, 'document')}, and ${figure(first.store)} ms in the first portion.`,
  ]
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
