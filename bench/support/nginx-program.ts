/**
 * A real nginx with one worker and a configuration of its own, on free ports of 127.0.0.1. It counts by its own
 * stub_status what was asked of it, and ends with this process.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { configuration, largeBytes, pidFile, streamBytes, type NginxPorts } from './nginx-configuration.ts'
import { answerQuestions, settingsOf } from './program.ts'

export interface NginxOrigins {
  readonly plain: string
  readonly tls: string
}

/** Since it began. */
export interface NginxCounts {
  readonly connections: number
  readonly requests: number
}

/** Where its program is. */
const program = settingsOf<string>()
const folder = mkdtempSync(join(tmpdir(), 'keepwarm-nginx-'))
writeFileSync(join(folder, 'large'), 'x'.repeat(largeBytes), { mode: 0o644 })
writeFileSync(join(folder, 'stream'), 'x'.repeat(streamBytes), { mode: 0o644 })

const [nginx, ports] = await startAnywhere()
process.on('exit', () => {
  nginx.kill('SIGTERM')
  waitUntilGone()
  rmSync(folder, { recursive: true, force: true })
})
/** Every look at the counters is itself a connection and a request, as was every try whether it listens. */
let looks = 0
const before = await read()
answerQuestions(
  { plain: `http://127.0.0.1:${ports.plain}`, tls: `https://127.0.0.1:${ports.tls}` } satisfies NginxOrigins,
  counts,
)

/** Its last act is to take its pid file away, and it complains where it cannot. No more than a second. */
function waitUntilGone(): void {
  const clock = new Int32Array(new SharedArrayBuffer(4))
  for (let look = 0; look < 100 && existsSync(pidFile(folder)); look++) Atomics.wait(clock, 0, 0, 10)
}

async function counts(): Promise<NginxCounts> {
  looks++
  const { connections, requests } = await read()
  return {
    connections: connections - before.connections - looks,
    requests: requests - before.requests - looks,
  }
}

async function read(): Promise<NginxCounts> {
  const [connections = NaN, , requests = NaN] = (/\d+ \d+ \d+/.exec(await statusText())?.[0] ?? '')
    .split(' ')
    .map(Number)
  return { connections, requests }
}

function statusText(): Promise<string> {
  return new Promise((resolve, reject) => {
    http
      .get({ host: '127.0.0.1', port: ports.plain, path: '/status', agent: false }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => (text += part))
        response.on('end', () => resolve(text)).on('error', reject)
      })
      .on('error', reject)
  })
}

/** A port that was free a moment ago may be taken now: then others are tried. */
async function startAnywhere(): Promise<[ChildProcess, NginxPorts]> {
  for (let attempt = 1; ; attempt++) {
    const chosen = { plain: await freePort(), tls: await freePort() }
    const child = await start(chosen)
    if (child !== undefined) return [child, chosen]
    if (attempt === 5) throw new Error(`${program} did not start on any of ${attempt} pairs of ports`)
  }
}

async function start(chosen: NginxPorts): Promise<ChildProcess | undefined> {
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, configuration(folder, chosen))
  const child = spawn(program, ['-p', folder, '-c', file], { stdio: ['ignore', 2, 2] })
  let ended = false
  child.on('exit', () => (ended = true))
  while (!ended) {
    if (await answers(chosen.plain)) return child
    await sleep(20)
  }
  return undefined
}

async function answers(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1')
  const open = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ]).catch(() => false)
  socket.destroy()
  return open
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
