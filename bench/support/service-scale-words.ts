/** What was found at scale, in tables and sentences. */
import { count, figure, type Table } from '@keepwarm/cli/measuring'
import { slopeOf, type Growth, type Times } from './service-scale-growth.ts'
import type { PostgresFacts, ScaleResult } from './service-scale-result.ts'
import type { Use } from './service-scale-use.ts'

/** Of what an upstream can do, at least so much is to be done. */
const GOAL = 0.95
/** Over the last three quarters of all documents, the heap may grow by this part: what is in hand just then. */
const FLAT = 0.1

export function scaleTables({ growth, uses, sqliteBytes, postgres }: ScaleResult): Table[] {
  return [
    portionTable(growth),
    searchTable(growth),
    {
      title: 'Where the CPU time of the service goes',
      header: ['Part', 'Of all', 'ms a document'],
      rows: partRows(growth),
    },
    useTable(uses),
    ...(postgres === undefined ? [] : [bytesTable(postgres, sqliteBytes / growth.documents)]),
  ]
}

function portionTable({ portions }: Growth): Table {
  return {
    title: 'Indexing as the index grows (SQLite, one process)',
    header: [
      'Documents',
      'a second',
      'CPU of the service, ms a document',
      'Heap after collection, MB',
      'Resident, MB',
    ],
    rows: portions.map(({ from, to, per_second, cpu_ms, heap, rss }) => [
      `${from.toLocaleString('en-US')}–${to.toLocaleString('en-US')}`,
      figure(per_second),
      figure(cpu_ms),
      megabytes(heap),
      megabytes(rss),
    ]),
  }
}

function searchTable({ marks }: Growth): Table {
  return {
    title: 'Searches, p50 / p99 in ms',
    header: ['Documents', 'words', 'meaning', 'both, over HTTP', 'both, while indexing'],
    rows: marks.map(({ documents, words, meaning, hybrid, during }) => [
      documents.toLocaleString('en-US'),
      ...[words, meaning, hybrid, during].map(timesText),
    ]),
  }
}

function timesText({ p50, p99 }: Times): string {
  return `${figure(p50)} / ${figure(p99)}`
}

function partRows({ profile, portions }: Growth): string[][] {
  const cpu = portions.at(-1)?.cpu_ms ?? NaN
  return profile
    .filter(({ share }) => share >= 0.002)
    .map(({ part, share }) => [part, percent(share), figure(share * cpu)])
}

function useTable(uses: readonly Use[]): Table {
  return {
    title: 'Against what the slowest upstream can do',
    header: [
      'Store',
      'Processes',
      'Documents at once, each',
      'Declared, a second',
      'Alone, a second',
      'Indexing, a second',
      'Share',
      'Connections',
      'CPU of the service, ms a document',
      'Failed or degraded',
    ],
    rows: uses.map((use) => [
      use.store === 'sqlite' ? 'SQLite' : 'PostgreSQL',
      String(use.workers),
      String(use.concurrency),
      figure(use.declared),
      figure(use.alone),
      figure(use.indexing),
      percent(use.share),
      String(use.connections),
      figure(use.service_cpu_ms),
      String(use.failed),
    ]),
  }
}

function bytesTable({ documents, sizes }: PostgresFacts, sqlite: number): Table {
  return {
    title: `Bytes a document (SQLite: ${figure(sqlite)} in all)`,
    header: ['Table of PostgreSQL, with its indexes', 'Bytes a document'],
    rows: [
      ...sizes.slice(0, 10).map(({ table, bytes }) => [table, figure(bytes / documents)]),
      ['all', figure(sizes.reduce((sum, { bytes }) => sum + bytes, 0) / documents)],
    ],
  }
}

export function scaleFindings({ growth, uses, sqliteBytes, postgres }: ScaleResult): string[] {
  return [
    memoryFinding(growth),
    `The file of ${count(growth.documents, 'document')} has ${megabytes(sqliteBytes)} MB.`,
    ...(postgres === undefined
      ? ['PostgreSQL is not installed here, and was left out.']
      : [queueFinding(postgres)]),
    ...uses.map((use) => {
      const what = `${use.store === 'sqlite' ? 'SQLite' : 'PostgreSQL'}, ${count(use.workers, 'process', 'processes')}`
      const verdict = use.share >= GOAL ? 'met' : 'not met'
      return `${what}: ${percent(use.share)} of what the slowest upstream can do (goal: ${percent(GOAL)}, ${verdict}); ${figure(use.slots_busy)} of its slots were taken on average.`
    }),
    rateFinding(growth),
  ]
}

function memoryFinding({ heap, rss, documents }: Growth): string {
  const [more, resident] = [slopeOf(heap), slopeOf(rss)]
  const part = ((more / 1_000) * documents * 0.75) / (heap.at(-1)?.bytes ?? NaN)
  const verdict = part < FLAT ? 'flat' : 'not flat'
  return `Over the last three quarters of ${count(documents, 'document')}, the heap after collection grew by ${percent(part)} (${verdict}): ${figure(more / 1_000)} kB for each thousand of them; resident memory by ${figure(resident / 1_000)} kB.`
}

function queueFinding({ queue, serverCpu }: PostgresFacts): string {
  return `The queue on PostgreSQL alone: ${figure(queue.per_second)} jobs a second, each ${figure(queue.client_cpu_ms)} ms of the process's CPU and ${figure(queue.server_cpu_ms)} ms of the server's. A whole document costs the server ${figure(serverCpu)} ms.`
}

function rateFinding({ portions }: Growth): string {
  const [first, last] = [portions[0], portions.at(-1)]
  return `CPU a document: ${figure(first?.cpu_ms ?? NaN)} ms in the first portion, ${figure(last?.cpu_ms ?? NaN)} ms in the last; ${figure(first?.per_second ?? NaN)} and ${figure(last?.per_second ?? NaN)} documents a second.`
}

function megabytes(bytes: number): string {
  return figure(bytes / 1e6)
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
