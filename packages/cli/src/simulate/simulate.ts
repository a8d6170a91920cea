/** `keepwarm simulate`. */
import { ConfigError } from 'keepwarm'
import {
  bimodal,
  exponential,
  lognormal,
  whatIf,
  whatIfText,
  type WhatIf,
  type WhatIfReport,
} from 'keepwarm/testing'
import { CliError } from '../cli-error.ts'
import type { Invocation } from '../command.ts'
import { common } from '../config/prefixes.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { markdown, plain } from '../measuring/index.ts'
import type { Paint, Terminal } from '../terminal/terminal.ts'
import { comparison, conclusion, type Runs } from './compare.ts'
import type { ServiceText, Setting } from './parse-scenario.ts'
import { variantsOf, type Variant } from './variants.ts'

interface Options {
  readonly set?: readonly Setting[]
  readonly versus?: readonly Setting[]
  readonly rate: number
  readonly clients: number
  readonly duration: number
  readonly slots: number
  readonly service?: ServiceText
  readonly queue?: number
  readonly abandoned: 'finished' | 'skipped' | 'freed'
  readonly latency: number
  readonly event?: NonNullable<WhatIf['events']>
  readonly seed: number
  readonly seeds: number
  readonly markdown?: boolean
}

const usualService: ServiceText = { kind: 'exp', times: [100] }
const usualEvent = { kind: 'outage', at: 20_000, for: 10_000 } as const

export async function runSimulate(
  { args, options: given }: Invocation,
  terminal: Terminal,
): Promise<ExitCode> {
  const options = given as unknown as Options
  const { set = [], versus = [] } = options
  const prefix = (args[0] as string | undefined) ?? common
  const variants = variantsOf({ prefix, set, versus }, terminal.surroundings.env)
  const scenario = scenarioOf(options)
  const all = await runAll(variants, scenario, options, terminal)
  tell(all, variants, scenario, options, terminal)
  return exitCodes.ok
}

type Scenario = Omit<WhatIf, 'client' | 'seed'>

function scenarioOf({ rate, clients, duration, event = [usualEvent], ...options }: Options): Scenario {
  const { slots, service = usualService, queue, abandoned, latency } = options
  const late = event.find(({ at }) => at >= duration)
  if (late !== undefined)
    throw new CliError(
      `--event ${late.kind}@${late.at / 1_000}s: calls come for ${duration / 1_000} s only (--duration)`,
    )
  return {
    clients,
    upstream: {
      slots,
      service: serviceOf(service),
      abandoned,
      latency,
      ...(queue !== undefined && { queue }),
    },
    load: { perSecond: rate },
    duration,
    events: event,
  }
}

function serviceOf({ kind, times: [first = 0, second = 0] }: ServiceText): WhatIf['upstream']['service'] {
  if (kind === 'exp') return exponential(first)
  if (kind === 'bimodal') return bimodal(first)
  return kind === 'lognormal' ? lognormal(first, second) : first
}

/** Seed by seed, each with all variants; an interruption leaves what is complete. */
async function runAll(
  variants: readonly Variant[],
  scenario: Scenario,
  { seed, seeds }: Options,
  terminal: Terminal,
): Promise<readonly Runs[]> {
  const reports: WhatIfReport[][] = variants.map(() => [])
  const total = seeds * variants.length
  if (total > 1 && !terminal.live) terminal.note(`Simulating ${total} runs`)
  for (let round = 0; round < seeds; round++) {
    const ofRound: WhatIfReport[] = []
    for (const [index, { client }] of variants.entries()) {
      terminal.redraw(`Simulating run ${round * variants.length + index + 1} of ${total}`)
      const report = await untilAborted(
        simulated({ ...scenario, client, seed: seed + round }),
        terminal.signal,
      )
      if (report === undefined) return runsOf(variants, reports, terminal)
      ofRound.push(report)
    }
    for (const [index, report] of ofRound.entries()) reports[index]!.push(report)
  }
  return runsOf(variants, reports, terminal)
}

function runsOf(
  variants: readonly Variant[],
  reports: readonly WhatIfReport[][],
  terminal: Terminal,
): readonly Runs[] {
  terminal.clear()
  return variants.map(({ name }, index) => ({ name, reports: reports[index]! }))
}

/** What the model refuses is said in the words of the options. */
async function simulated(scenario: WhatIf): Promise<WhatIfReport> {
  try {
    return await whatIf(scenario)
  } catch (error) {
    if (error instanceof ConfigError) throw new CliError(error.message, exitCodes.config)
    throw error
  }
}

async function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> {
  if (signal.aborted) return undefined
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const stop = (): void => resolve(undefined)
  signal.addEventListener('abort', stop)
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', stop)
    work.catch(() => {}) // nobody waits for it any more
  }
}

function tell(
  all: readonly Runs[],
  variants: readonly Variant[],
  scenario: Scenario,
  options: Options,
  terminal: Terminal,
): void {
  const [first, second] = all
  if (terminal.json) return terminal.outJson(jsonOf(all, variants, scenario))
  if (first === undefined || first.reports.length === 0)
    return terminal.note('Interrupted before the first run was complete')
  if (all.length === 1 && first.reports.length === 1)
    return terminal.out(painted(whatIfText(first.reports[0]!), terminal.paintOut))
  const table = comparison(all)
  terminal.out(options.markdown === true ? markdown(table) : paintedTable(plain(table), terminal.paintOut))
  if (second === undefined) return
  terminal.out()
  terminal.out(terminal.paintOut('bold', conclusion([first, second])))
}

function jsonOf(all: readonly Runs[], variants: readonly Variant[], scenario: Scenario): object {
  return {
    version: 1,
    events: scenario.events,
    variants: all.map(({ name, reports }, index) => ({ name, settings: variants[index]!.settings, reports })),
  }
}

/** What happens is marked under the charts; where something was lost the table says so in colour. */
function painted(text: string, paint: Paint): string {
  return text
    .split('\n')
    .map((line, index) => {
      if (index === 0) return paint('bold', line)
      if (/^[x─]+$/.test(line))
        return line
          .replaceAll(/x+/g, (marks) => paint('red', marks))
          .replaceAll(/─+/g, (rule) => paint('dim', rule))
      if (/^[ ▁▂▃▄▅▆▇█]+$/.test(line)) return paint('cyan', line)
      return line.replace(/\bnever\b/, (word) => paint('red', word))
    })
    .join('\n')
}

function paintedTable(text: string, paint: Paint): string {
  return text
    .split('\n')
    .map((line, index) =>
      index === 0 || index === 2 ? paint('bold', line) : /^─+$/.test(line) ? paint('dim', line) : line,
    )
    .map((line) => line.replaceAll(/\bnever\b/g, (word) => paint('red', word)))
    .join('\n')
}
