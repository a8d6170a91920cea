/** The result of the seed benchmark in tables and sentences. */
import { count, figure, interval, speed, type Table, times } from '@keepwarm/cli/measuring'
import type { ArmName } from './seed-arms.ts'
import type { ArmResult, Cell } from './seed-measure.ts'

/** Everything: a table for each load. */
export function scenarioTables(all: readonly Cell[]): Table[] {
  const header = ['Arm', 'Round trip', 'Time, ms (95 % CI)', 'Times faster', 'CPU ms/request', 'Connections']
  return [...Map.groupBy(all, ({ title }) => title)].map(([title, cells]) => ({
    title,
    header,
    rows: cells.flatMap(({ arms, round_trip_ms }) => arms.map((arm) => row(arm, round_trip_ms))),
  }))
}

function row(arm: ArmResult, roundTrip: number): string[] {
  const resumed = arm.tls_resumed > 0 ? ` (${count(arm.tls_resumed, 'TLS session')} resumed)` : ''
  return [
    arm.arm,
    `${roundTrip} ms`,
    interval(arm.ms),
    arm.arm === 'new client' ? '1' : times(arm.times_faster_than_new_client),
    interval(arm.cpu_ms_per_request),
    arm.connections.toLocaleString('en-US') + resumed,
  ]
}

/** The original's table: a row for each load and wire. */
export function originalsTable(cells: readonly Cell[]): Table {
  return {
    title: 'Time of the whole load in ms, median (95 % CI)',
    header: [
      'Load',
      'Round trip',
      'New client each',
      'New connection each',
      'Pooled',
      'undici Agent, pooled',
      'Pooled faster than new client',
      'than new connection',
      'CPU ms/request, new client → pooled',
      'Connections, new client → pooled',
    ],
    rows: cells.map(originalsRow),
  }
}

function originalsRow({ title, round_trip_ms, arms }: Cell): string[] {
  const [client, connection, pooled, agent] = [
    armOf(arms, 'new client'),
    armOf(arms, 'new connection'),
    armOf(arms, 'pooled'),
    armOf(arms, 'undici Agent'),
  ]
  const cpu = [client, pooled].map((arm) => figure(arm.cpu_ms_per_request.median))
  return [
    title,
    `${round_trip_ms} ms`,
    ...[client, connection, pooled, agent].map((arm) => interval(arm.ms)),
    times(pooled.times_faster_than_new_client),
    times(pooled.times_faster_than_new_connection),
    cpu.join(' → '),
    [client, pooled].map((arm) => arm.connections.toLocaleString('en-US')).join(' → '),
  ]
}

function armOf(arms: readonly ArmResult[], name: ArmName): ArmResult {
  return arms.find(({ arm }) => arm === name)!
}

/** What pooling came to. */
export function finding({ title, round_trip_ms, arms }: Cell): string {
  const pooled = armOf(arms, 'pooled')
  const without = armOf(arms, 'new client').connections
  const instead =
    pooled.connections === without ? 'as without a pool' : `instead of ${without.toLocaleString('en-US')}`
  return (
    `${title}, ${round_trip_ms} ms round trip: ` +
    `pooled ${speed(pooled.times_faster_than_new_client, 'a new client per request')}, ` +
    `opened ${count(pooled.connections, 'connection')} ${instead}.`
  )
}
