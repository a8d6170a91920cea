/** A day's outcome in tables and sentences. */
import { figure, type Table } from '@keepwarm/cli/measuring'
import { adaptiveName } from './sizing-arms.ts'
import type { SizingResult } from './sizing-measure.ts'

export function sizingTable(title: string, results: readonly SizingResult[]): Table {
  return {
    title,
    header: [
      'Pool',
      'Connections held',
      'Most at once',
      'Wait, mean, µs',
      'p99, ms',
      'p99.9, ms',
      'Waited, of a million',
      'Turned away, %',
      'Dials',
    ],
    rows: results.map(row),
  }
}

function row(result: SizingResult): string[] {
  const { pool, held, most, mean_wait, p99, p999, waited, refused, requests, dials } = result
  return [
    pool,
    figure(held),
    String(most),
    figure(mean_wait * 1_000),
    figure(p99),
    figure(p999),
    whole(waited * 1_000_000),
    figure((refused / requests) * 100),
    whole(dials),
  ]
}

/** What the adaptive pool is worth beside every fixed size. @param results of one experiment and one length of dials */
export function sizingFindings(where: string, results: readonly SizingResult[]): string[] {
  const adaptive = results.find(({ pool }) => pool === adaptiveName)!
  const fixed = results.filter((result) => result.fixed > 0).toSorted((a, b) => a.fixed - b.fixed)
  const better = fixed.filter((other) => other.held <= adaptive.held && other.mean_wait <= adaptive.mean_wait)
  const verdict =
    better.length > 0
      ? `fixed at ${better.map((other) => other.fixed).join(', ')} held no more connections and waited no longer`
      : 'every fixed size that was tried either held more connections than adaptive or had its requests wait longer'
  return [
    ...sameConnections(where, adaptive, fixed),
    ...sameWaits(where, adaptive, fixed),
    ...onDemand(where, adaptive, results),
    `${where}: ${verdict}.`,
  ]
}

/** The greatest fixed size that holds no more. */
function sameConnections(where: string, adaptive: SizingResult, fixed: readonly SizingResult[]): string[] {
  const other = fixed.findLast(({ held }) => held <= adaptive.held)
  if (other === undefined) return []
  return [
    `${where}: adaptive held ${figure(adaptive.held)} connections, and ${waits(adaptive)}; ` +
      `with ${other.fixed}, the greatest fixed size that held no more, ${waits(other)}.`,
  ]
}

/** The smallest fixed size whose requests wait no longer. */
function sameWaits(where: string, adaptive: SizingResult, fixed: readonly SizingResult[]): string[] {
  const other = fixed.find(({ mean_wait }) => mean_wait <= adaptive.mean_wait)
  if (other === undefined) return [`${where}: no fixed size that was tried waited as little as adaptive.`]
  return [
    `${where}: of the fixed sizes the smallest whose requests waited as little is ${other.fixed}; ` +
      `it held ${figure(other.held)} connections, adaptive ${figure(adaptive.held)}.`,
  ]
}

/** It holds fewer, for longer waits. */
function onDemand(where: string, adaptive: SizingResult, results: readonly SizingResult[]): string[] {
  const other = results.find(({ pool }) => pool.startsWith('on demand'))
  if (other === undefined) return []
  return [
    `${where}: ${other.pool}, ${figure(other.held)} connections were held (adaptive: ${figure(adaptive.held)}), and ${waits(other)}.`,
  ]
}

function waits({ waited, requests, mean_wait, p999 }: SizingResult): string {
  const mean = figure(mean_wait * 1_000)
  return `${whole(waited * requests)} of ${whole(requests)} requests waited (${mean} µs on average, p99.9 ${figure(p999)} ms)`
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
