/** Debian's Prometheus and its promtool, for tests of what they read. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleep } from './wait.ts'

const isThere =
  spawnSync('promtool', ['--version']).status === 0 && spawnSync('prometheus', ['--version']).status === 0

const howTo = 'Prometheus and promtool are needed for these tests: apt-get install -y prometheus'

/** Whether the tests that need it run. Where everything is tested (CI=1) they do, and fail without it. */
export function needsPrometheus(): boolean {
  if (!isThere && process.env['CI'] === undefined) console.warn(`${howTo}. They are left out here.`)
  return isThere || process.env['CI'] !== undefined
}

/** What promtool says; `ok` when it found nothing wrong. */
export function promtool(
  args: readonly string[],
  input?: string,
): { readonly ok: boolean; readonly text: string } {
  if (!isThere) throw new Error(howTo)
  const ran = spawnSync('promtool', args, { input, encoding: 'utf8' })
  return { ok: ran.status === 0, text: `${ran.stdout}${ran.stderr}`.trim() }
}

/** One sample of a query: its labels and its value. */
export interface Found {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export class PrometheusServer implements AsyncDisposable {
  private readonly origin: string
  private readonly stop: () => Promise<void>

  private constructor(origin: string, stop: () => Promise<void>) {
    this.origin = origin
    this.stop = stop
  }

  /**
   * @param targets `127.0.0.1:port`, scraped at `/metrics` five times a second
   * @param rules files with rules that it evaluates
   */
  static async start(targets: readonly string[], rules: readonly string[] = []): Promise<PrometheusServer> {
    if (!isThere) throw new Error(howTo)
    const folder = mkdtempSync(join(tmpdir(), 'keepwarm-prometheus-'))
    const config = join(folder, 'prometheus.json') // YAML knows JSON
    writeFileSync(config, JSON.stringify(configOf(targets, rules)))
    const address = `127.0.0.1:${await freePort()}`
    const flags = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=${address}`,
    ]
    const child = spawn('prometheus', [...flags, '--log.level=error'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let complaints = ''
    child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
    const ended = once(child, 'close')
    const stop = async (): Promise<void> => {
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true })
    }
    const server = new PrometheusServer(`http://${address}`, stop)
    try {
      await server.ready(() => child.exitCode)
    } catch (error) {
      await stop()
      throw new Error(`${(error as Error).message}: ${complaints}`, { cause: error })
    }
    return server
  }

  /** The samples of an instant query, now. */
  async query(expression: string): Promise<Found[]> {
    const answer = await fetch(`${this.origin}/api/v1/query?query=${encodeURIComponent(expression)}`)
    const { data, error } = (await answer.json()) as {
      data?: { result: { metric: Record<string, string>; value: [number, string] }[] }
      error?: string
    }
    if (data === undefined) throw new Error(`${expression}: ${error}`)
    return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
  }

  /** The only value of an expression, as soon as it is `wanted`; the last one there was when that takes too long. */
  async value(expression: string, wanted: number, within = 10_000): Promise<number | undefined> {
    const late = performance.now() + within
    for (;;) {
      const [found, ...others] = await this.query(expression)
      if (others.length > 0) throw new Error(`${expression} has ${others.length + 1} values`)
      if (found?.value === wanted || performance.now() > late) return found?.value
      await sleep(50)
    }
  }

  /** What is known of a metric: `{ type: 'counter', help, unit }`. */
  async metadata(): Promise<Record<string, { type: string; help: string; unit: string }[]>> {
    const answer = await fetch(`${this.origin}/api/v1/metadata`)
    return ((await answer.json()) as { data: Record<string, { type: string; help: string; unit: string }[]> })
      .data
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  private async ready(exitCode: () => number | null): Promise<void> {
    const late = performance.now() + 15_000
    while (performance.now() < late) {
      if (exitCode() !== null) throw new Error('Prometheus ended')
      const { ok } = await fetch(`${this.origin}/-/ready`).catch(() => ({ ok: false }))
      if (ok) return
      await sleep(30)
    }
    throw new Error('Prometheus was not ready in time')
  }
}

function configOf(targets: readonly string[], rules: readonly string[]): object {
  return {
    global: { scrape_interval: '200ms', scrape_timeout: '200ms', evaluation_interval: '200ms' },
    rule_files: rules,
    scrape_configs: targets.map((target, i) => ({
      job_name: `job${i}`,
      static_configs: [{ targets: [target] }],
    })),
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
