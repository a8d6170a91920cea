/** How processes shared a server, in a table and sentences. */
import { figure, range, type Table } from '@keepwarm/cli/measuring'
import type { FairnessResult } from './fairness-measure.ts'

/** What is aimed at: equal parts, and all that the server can do. */
const goals = { fairness: 0.95, share: 0.95 } as const

export function fairnessTable(results: readonly FairnessResult[]): Table {
  return {
    title: 'Several processes, one server',
    header: [
      'Each process',
      'Good, a second',
      'Of what the server can do',
      "Jain's index",
      'Each got, a second',
      '503, a second',
      'Failed, a second',
      "In the server's line, ms",
      'Limits at the end',
    ],
    rows: results.map(row),
  }
}

function row(result: FairnessResult): string[] {
  const { arm, goodput, share, fairness, goodputs, refused, failed, waited, limits } = result
  return [
    arm,
    figure(goodput),
    percent(share),
    fairness.toFixed(3),
    range(goodputs),
    figure(refused),
    figure(failed),
    figure(waited),
    limits.map((limit) => limit ?? '–').join(' '),
  ]
}

/** @param results of which the last is the one that the goals are for. */
export function fairnessFindings(results: readonly FairnessResult[]): string[] {
  return results.map(({ arm, share, fairness, refused, goodput }) => {
    const met = fairness >= goals.fairness && share >= goals.share
    const verdict = `(goals: ${percent(goals.share)} and ${goals.fairness}): ${met ? 'met' : 'not met'}`
    const turned = percent(refused / (refused + goodput))
    return `${arm}: ${percent(share)} of what the server can do, Jain's index ${fairness.toFixed(3)} ${verdict}. ${turned} of the requests were turned away by the server.`
  })
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
