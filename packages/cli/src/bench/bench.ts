/** Runs a comparison, and tells what came of it. */
import { KeepwarmError } from 'keepwarm'
import { CliError } from '../cli-error.ts'
import type { Invocation } from '../command.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { environment } from '../measuring/environment.ts'
import { plain } from '../measuring/table.ts'
import { targetUrl } from '../target/target.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { armClient, type ArmClient, type Greeting } from './arm-client.ts'
import { readPlan, type BenchPlan } from './plan.ts'
import { progressOf } from './progress.ts'
import { jsonOf, markdownOf, tell, type Report, type Told } from './report.ts'
import type { Round } from './round.ts'
import { runRounds } from './rounds.ts'
import { compare, summarise } from './summary.ts'
import { judge } from './thresholds.ts'

export async function runBench({ args, options }: Invocation, terminal: Terminal): Promise<ExitCode> {
  const plan = readPlan(targetUrl(args[0]), options, () => Math.floor(Math.random() * 2 ** 31))
  const report = await measure(plan, terminal)
  if (report === undefined) return exitCodes.interrupted
  const told = tell(report)
  if (terminal.json) terminal.outJson(jsonOf(report))
  else if (options['markdown'] === true) terminal.out(markdownOf(told, report))
  else print(told, terminal)
  return report.judgements.some(({ failed }) => failed) ? exitCodes.found : exitCodes.ok
}

/** @returns undefined when it was interrupted before anything was measured */
async function measure(plan: BenchPlan, terminal: Terminal): Promise<Report | undefined> {
  const facts = environment()
  await using clients = new Clients(plan)
  const stop = (): void => clients.stop()
  terminal.signal.addEventListener('abort', stop)
  try {
    const greeting = await greet(clients.list[0]!, terminal.signal)
    if (greeting === undefined) return undefined
    using progress = progressOf(plan, terminal)
    const running = plan.arms.map(({ name }, index) => ({ name, client: clients.list[index]! }))
    const rounds = await runRounds(running, plan, terminal.signal, progress.step)
    if (terminal.signal.aborted && rounds[0]!.length === 0) return undefined
    return conclude(plan, { rounds, greeting, environment: facts, interrupted: terminal.signal.aborted })
  } finally {
    terminal.signal.removeEventListener('abort', stop)
  }
}

/** The clients of all arms; made together, so that a setting that cannot be used is told before any load. */
class Clients implements AsyncDisposable {
  readonly list: readonly ArmClient[]

  constructor({ arms, request }: BenchPlan) {
    this.list = arms.map((arm) => armClient(arm, request))
  }

  stop(): void {
    for (const client of this.list) client.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.list) await client[Symbol.asyncDispose]()
  }
}

/** @returns undefined when it was interrupted */
async function greet(client: ArmClient, stopped: AbortSignal): Promise<Greeting | undefined> {
  try {
    return await client.greet()
  } catch (error) {
    if (stopped.aborted) return undefined
    if (!(error instanceof KeepwarmError)) throw error
    throw new CliError(error.message, exitCodes.unavailable, { cause: error })
  }
}

type Measured = Pick<Report, 'rounds' | 'greeting' | 'environment' | 'interrupted'>

function conclude(plan: BenchPlan, measured: Measured): Report {
  const { rounds } = measured
  const names = plan.arms.map(({ name }) => name)
  if (rounds.every((ofArm) => ofArm.every(({ answered }) => answered === 0)))
    throw new CliError(`no request was answered: ${failuresOf(rounds)}`, exitCodes.unavailable)
  const summaries = names.map((name, index) => summarise(name, rounds[index]!))
  const comparisons = names
    .slice(1)
    .map((name, index) => compare([names[0]!, rounds[0]!], [name, rounds[index + 1]!]))
  const judgements = plan.thresholds.map((threshold) => judge(threshold, summaries, comparisons))
  return { plan, ...measured, summaries, comparisons, judgements }
}

function failuresOf(rounds: readonly (readonly Round[])[]): string {
  const { failures } = summarise('', rounds.flat())
  return Object.entries(failures)
    .map(([kind, number]) => `${number} × ${kind}`)
    .join(', ')
}

function print({ what, table, remarks, missed, verdicts }: Told, { out, paintOut }: Terminal): void {
  out(plain({ ...table, title: paintOut('dim', what) }))
  if (remarks.length > 0) out(paintOut('dim', `\n${remarks.join('\n')}`))
  if (missed.length > 0) out(`\n${missed.map((line) => `${paintOut('red', '✗')} ${line}`).join('\n')}`)
  if (verdicts.length > 0) out(`\n${paintOut('bold', verdicts.join('\n'))}`)
}
