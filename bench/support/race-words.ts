/** The races in tables and sentences. */
import { count, figure, type Table } from '@keepwarm/cli/measuring'
import { brokenLaws, type RaceResult } from './race-laws.ts'
import { isOwn } from './race-arms.ts'
import { kinds, modeTitles, type Kind } from './race-plan.ts'

const header = [
  'Client',
  'The server closes by',
  'Requests',
  'Races lost, at the server',
  'Failures, at the caller',
  'Processed twice',
  'Connections',
  'Time, s',
  'CPU, µs/request',
  'counters.lostRaces',
]

export function raceTables(results: readonly RaceResult[]): Table[] {
  return kinds.map((kind) => ({
    title: titles[kind],
    header,
    rows: results.filter((result) => result.kind === kind).map(row),
  }))
}

const titles: Readonly<Record<Kind, string>> = {
  GET: 'GET',
  'keyed POST': 'POST with an Idempotency-Key',
  'unkeyed POST': 'POST without one: it may not be sent twice',
}

function row(result: RaceResult): string[] {
  return [
    result.arm,
    modeTitles[result.mode],
    whole(result.requests),
    whole(result.lost),
    failures(result),
    whole(result.processedTwice),
    whole(result.connections),
    figure(result.ms / 1_000),
    figure(result.cpuUsPerRequest),
    result.lostRaces === null ? '–' : whole(result.lostRaces),
  ]
}

/** `12 (reset)`, `12 (UND_ERR_SOCKET 10, ECONNRESET 2)` */
function failures({ failures, failuresByCode }: RaceResult): string {
  const codes = Object.entries(failuresByCode)
  if (codes.length === 0) return '0'
  if (codes.length === 1) return `${whole(failures)} (${codes[0]![0]})`
  return `${whole(failures)} (${codes.map(([code, number]) => `${code} ${whole(number)}`).join(', ')})`
}

/** Broken laws if there are any, then what each kind of request came to. */
export function raceFindings(results: readonly RaceResult[]): string[] {
  const broken = results.flatMap(brokenLaws)
  const sums = kinds.map((kind) => finding(kind, results))
  return [...broken, ...sums]
}

function finding(kind: Kind, results: readonly RaceResult[]): string {
  const own = results.filter((result) => result.kind === kind && isOwn(result.arm))
  const sum = (field: 'requests' | 'lost' | 'failures' | 'processedTwice'): number =>
    own.reduce((total, result) => total + result[field], 0)
  return (
    `keepwarm, ${titles[kind]}: ${count(sum('requests'), 'request')}, ${count(sum('lost'), 'lost race')}, ` +
    `${count(sum('failures'), 'failure')} at the caller, ${whole(sum('processedTwice'))} processed twice.`
  )
}

function whole(number: number): string {
  return number.toLocaleString('en-US')
}
