/** Probes a server, gently, and tells what was found. */
import { CliError } from '../cli-error.ts'
import type { Invocation } from '../command.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { headersOf, shownUrl, targetUrl, trustOf } from '../target/target.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { Untrusted } from './dial.ts'
import type { Findings } from './findings.ts'
import { addressesOf, measureBeginning, type Addresses, type Beginning } from './handshake.ts'
import { keepAliveHint, type IdleFinding } from './idle-verdict.ts'
import { measureIdle } from './idle.ts'
import { proxiesIn } from './proxies.ts'
import { measureRace } from './race.ts'
import { envBlock, recommend } from './recommend.ts'
import { certificateLine, jsonOf, linesOf, titleOf, type Line } from './report.ts'
import { measureRequests, type RequestsLimit } from './requests-limit.ts'
import type { ProbePlan } from './target.ts'
import { Wires } from './wires.ts'
import { waiting } from './waiting.ts'

export async function runProbe({ args, options }: Invocation, terminal: Terminal): Promise<ExitCode> {
  const plan = readPlan(targetUrl(args[0]), options)
  const findings = await probe(plan, terminal)
  if (findings === undefined) return exitCodes.interrupted
  const proxies = proxiesIn(terminal.surroundings.env, plan.url)
  const recommendations = recommend(findings)
  const env = envBlock(recommendations, options['prefix'] as string)
  const interrupted = terminal.signal.aborted
  if (terminal.json) terminal.outJson(jsonOf(plan, findings, recommendations, { env, proxies, interrupted }))
  else if (options['env'] === true) terminal.out(env)
  else print(titleOf(plan, findings), linesOf(findings, proxies), env, terminal)
  return exitCodes.ok
}

function readPlan(url: URL, options: Readonly<Record<string, unknown>>): ProbePlan {
  return {
    url,
    method: 'GET',
    headers: headersOf(options),
    trust: trustOf(options),
    http1: options['http1'] === true,
    maxIdle: options['maxIdle'] as number,
    maxRequests: options['maxRequests'] as number,
    timeout: options['timeout'] as number,
    raceWithin: options['race'] === true ? Infinity : 15_000,
  }
}

/** @returns undefined when it was interrupted before anything was known */
async function probe(plan: ProbePlan, terminal: Terminal): Promise<Findings | undefined> {
  try {
    const addresses = await addressesOf(plan.url)
    using wires = new Wires(plan, addresses.all[0]!)
    const stop = (): void => wires[Symbol.dispose]()
    terminal.signal.addEventListener('abort', stop)
    const beginning = await measureBeginning(wires)
    return await theRest(wires, { addresses, beginning }, terminal)
  } catch (error) {
    if (terminal.signal.aborted) return undefined
    if (error instanceof Untrusted) terminal.note(certificateLine(error.certificate).text)
    throw new CliError(refusalOf(plan, error), exitCodes.unavailable, { cause: error })
  }
}

function refusalOf({ url }: ProbePlan, error: unknown): string {
  const what = error instanceof Error ? error.message : String(error)
  const help =
    error instanceof Untrusted
      ? '. Nothing was sent; --ca names another authority, --insecure believes any'
      : ''
  return `${shownUrl(url)} cannot be probed: ${what}${help}`
}

interface Known {
  readonly addresses: Addresses
  readonly beginning: Beginning
}

async function theRest(wires: Wires, { addresses, beginning }: Known, terminal: Terminal): Promise<Findings> {
  const { signal } = terminal
  const { headers } = beginning.reply
  const endsEach = /\bclose\b/i.test(String(headers['connection']))
  const told = (idle: IdleFinding, limit?: RequestsLimit, race?: Findings['race']): Findings => ({
    ...beginning,
    ...{ addresses, idle, limit, race, hint: keepAliveHint(headers['keep-alive']), connections: wires.made },
  })
  if (endsEach) return told({ kind: 'never' })
  using _ = waiting(wires.plan.maxIdle, terminal)
  const [idle, limit] = await Promise.all([
    measureIdle(wires, signal).catch((error: unknown): IdleFinding => {
      if (signal.aborted) return { kind: 'unknown' }
      throw error
    }),
    measureRequests(wires, signal),
  ])
  if (idle.kind !== 'closed' || idle.after > wires.plan.raceWithin || signal.aborted) return told(idle, limit)
  return told(idle, limit, await measureRace(wires, idle.after, beginning.handshake.tcp, signal))
}

function print(title: string, lines: readonly Line[], env: string, { out, paintOut }: Terminal): void {
  const width = Math.max(...lines.map(({ what }) => what.length))
  out(paintOut('bold', title))
  out()
  for (const { what, text, warning } of lines)
    out(`${paintOut('dim', what.padEnd(width))}  ${warning === true ? paintOut('yellow', text) : text}`)
  if (env !== '') out(`\n${env.replace(/^#.*$/gm, (comment) => paintOut('dim', comment))}`)
}
