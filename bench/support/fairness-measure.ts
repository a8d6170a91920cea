/** Several processes share one server: what each of them got of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectionPoolOptions } from 'keepwarm'
import type { ClientBooks, FairnessClient } from './fairness-client-program.ts'
import type { FairnessServer, ServerBooks } from './fairness-server-program.ts'
import { Program } from './program.ts'

export interface FairnessArm {
  readonly name: string
  readonly options: ConnectionPoolOptions
  /** Whether the server's 503 says when to come back. */
  readonly tells: boolean
}

export interface FairnessPlan {
  readonly server: Omit<FairnessServer, 'tells'>
  readonly clients: number
  /** Of each client. */
  readonly callers: number
  /** From the begin of the first client to what counts, and then what counts; in ms. */
  readonly warm: number
  readonly lasts: number
  /** Between the begins of two clients, in ms. */
  readonly apart: number
}

/** Rates a second, times in ms. */
export interface FairnessResult {
  readonly arm: string
  readonly goodput: number
  /** Of what the slots can do at most. */
  readonly share: number
  /** What each client got. */
  readonly goodputs: readonly number[]
  /** Jain's index of that: 1 is equal parts, 1 ÷ clients is all for one. */
  readonly fairness: number
  readonly refused: number
  readonly failed: number
  /** In the server's line, on average. */
  readonly waited: number
  /** Of each client at the end; null without one. */
  readonly limits: readonly (number | null)[]
}

export async function measureFairness(arm: FairnessArm, plan: FairnessPlan): Promise<FairnessResult> {
  const settings: FairnessServer = { ...plan.server, tells: arm.tells }
  await using server = await Program.start('fairness-server-program.ts', settings)
  await using programs = new AsyncDisposableStack()
  const client: FairnessClient = {
    origin: server.ready as string,
    callers: plan.callers,
    options: arm.options,
  }
  const clients: Program[] = []
  for (let i = 0; i < plan.clients; i++) {
    clients.push(programs.use(await Program.start('fairness-client-program.ts', client)))
  }
  const begun = performance.now()
  for (const each of clients) {
    await each.ask('begin')
    await sleep(plan.apart)
  }
  await sleep(Math.max(0, begun + plan.warm - performance.now()))
  const ask = (): Promise<ClientBooks[]> => Promise.all(clients.map((each) => each.ask<ClientBooks>('books')))
  await Promise.all([ask(), server.ask('books')])
  const from = performance.now()
  await sleep(plan.lasts)
  const [books, served] = await Promise.all([ask(), server.ask<ServerBooks>('books')])
  return resultOf(arm.name, plan, books, served, (performance.now() - from) / 1_000)
}

function resultOf(
  arm: string,
  { server }: FairnessPlan,
  books: readonly ClientBooks[],
  { waited }: ServerBooks,
  seconds: number,
): FairnessResult {
  const goodputs = books.map(({ good }) => good / seconds)
  const goodput = sum(goodputs)
  return {
    arm,
    goodput,
    share: goodput / capacityOf(server),
    goodputs,
    fairness: jain(goodputs),
    refused: sum(books.map(({ refused }) => refused)) / seconds,
    failed: sum(books.map(({ failed }) => failed)) / seconds,
    waited,
    limits: books.map(({ limit }) => limit),
  }
}

/** Requests a second that the slots can do. */
export function capacityOf({ slots, service }: Pick<FairnessServer, 'slots' | 'service'>): number {
  return (slots * 1_000) / service
}

/** @returns 1 where all are equal, 1 ÷ their number where one has everything. */
export function jain(shares: readonly number[]): number {
  const squares = sum(shares.map((share) => share ** 2))
  return squares === 0 ? 1 : sum(shares) ** 2 / (shares.length * squares)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
