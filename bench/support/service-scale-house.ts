/** The service and its upstreams, each in a process of its own, and the one who brings documents and watches. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Program } from './program.ts'
import type { ScaleFigures, ScaleQuestion } from './service-scale-program.ts'
import { documentOf } from './service-scale-texts.ts'
import type { Capacities, UpstreamBooks } from './service-scale-upstreams-program.ts'

export interface HousePlan {
  readonly capacities: Capacities
  /** Processes of the service; more than one needs a server that they share. */
  readonly workers: number
  /** Documents at once, of each process. */
  readonly concurrency: number
  readonly database?: string | undefined
  readonly seed: number
}

/** Of all processes of the service together. */
export interface HouseFigures extends ScaleFigures {
  /** When they were asked, in ms. */
  readonly at: number
}

/** Documents in one request. */
const TOGETHER = 100

export class House implements AsyncDisposable {
  readonly folder: string
  readonly upstreams: Program
  brought = 0
  private readonly seed: number
  private readonly services: readonly Asker[]

  private constructor(folder: string, upstreams: Program, services: readonly Asker[], seed: number) {
    this.folder = folder
    this.upstreams = upstreams
    this.services = services
    this.seed = seed
  }

  static async open(plan: HousePlan): Promise<House> {
    const folder = mkdtempSync(join(tmpdir(), 'keepwarm-scale-'))
    const upstreams = await Program.start('service-scale-upstreams-program.ts', plan.capacities)
    const services: Asker[] = []
    for (let worker = 0; worker < plan.workers; worker++) {
      const env = environmentOf(plan, String(upstreams.ready), join(folder, `worker-${worker}`))
      services.push(new Asker(await Program.start('service-scale-program.ts', env)))
    }
    return new House(folder, upstreams, services, plan.seed)
  }

  get url(): string {
    return String(this.services[0]!.program.ready)
  }

  books(): Promise<UpstreamBooks> {
    return this.upstreams.ask<UpstreamBooks>(null)
  }

  /** @param collect whether garbage is collected before memory is looked at */
  async figures(collect = false): Promise<HouseFigures> {
    const all = await Promise.all(
      this.services.map((service) => service.ask<ScaleFigures>({ ask: 'figures', collect })),
    )
    const sum = (of: keyof ScaleFigures): number => all.reduce((total, one) => total + one[of], 0)
    const names = ['ended', 'degraded', 'failed', 'rss', 'heap', 'cpu_ms', 'busy'] as const
    const figures = Object.fromEntries(names.map((name) => [name, sum(name)])) as unknown as ScaleFigures
    return { ...figures, at: performance.now() }
  }

  /** Asks the first of them. */
  ask<Answer>(question: ScaleQuestion): Promise<Answer> {
    return this.services[0]!.ask<Answer>(question)
  }

  /** Brings the next documents, up to so many in all, in turn to each process. */
  async bring(upTo: number): Promise<void> {
    const count = Math.min(TOGETHER, upTo - this.brought)
    const documents = Array.from({ length: count }, (_, at) => documentOf(this.seed, this.brought + at))
    const service = this.services[((this.brought / TOGETHER) % this.services.length) | 0]!
    const response = await post(`${String(service.program.ready)}/documents/batch`, { documents })
    if (response.status !== 202) throw new Error(`the service did not take documents: ${response.text}`)
    this.brought += count
  }

  /** One search over HTTP, by words and meaning. @returns its time in ms */
  async search(query: string): Promise<number> {
    const started = performance.now()
    const { status, text } = await post(`${this.url}/search`, { query })
    if (status !== 200) throw new Error(`the service did not search: ${text}`)
    return performance.now() - started
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { program } of this.services) await program[Symbol.asyncDispose]()
    await this.upstreams[Symbol.asyncDispose]()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A program hears one question at a time. */
class Asker {
  readonly program: Program
  private last: Promise<unknown> = Promise.resolve()

  constructor(program: Program) {
    this.program = program
  }

  ask<Answer>(question: ScaleQuestion): Promise<Answer> {
    const answer = this.last.then(() => this.program.ask<Answer>(question))
    this.last = answer.catch(() => undefined)
    return answer
  }
}

function environmentOf(plan: HousePlan, upstream: string, folder: string): Record<string, string> {
  return {
    PORT: '0',
    DATA_DIR: folder,
    INDEX_CONCURRENCY: String(plan.concurrency),
    OLLAMA_BASE_URL: upstream,
    LANGEXTRACT_URL: upstream,
    BRIDGE_SERVICE_URL: upstream,
    WORKFLOW_COORDINATOR_URL: upstream,
    LOG_LEVEL: 'error',
    ...(plan.database === undefined ? {} : { DATABASE_URL: plan.database }),
  }
}

async function post(url: string, body: unknown): Promise<{ status: number; text: string }> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: response.status, text: await response.text() }
}
