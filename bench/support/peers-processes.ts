/** How the process of each client is started: JavaScript in Node, Go built first, Python where it has httpx. */
import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { onCore } from './cores.ts'
import type { PeerOrder, PeerSample } from './peers-order.ts'
import { peerNames, roster, type PeerName } from './peers-roster.ts'

const run = promisify(execFile)
const certificate = fileURLToPath(new URL('test-only-cert.pem', import.meta.url))
/** What is built or compiled stays here: compiled modules, so that a process has not to strip types again, and Go. */
const built = fileURLToPath(new URL('../../.data/bench/', import.meta.url))

export type Commands = Partial<Record<PeerName, readonly [command: string, ...args: string[]]>>

export interface Found {
  readonly commands: Commands
  /** A line for each that cannot run here, with the reason. */
  readonly missing: readonly string[]
}

/** The commands of all clients that can run on this machine. */
export function findCommands(names: readonly PeerName[] = peerNames): Found {
  const missing: string[] = []
  const commands: Commands = {}
  for (const name of names) {
    try {
      commands[name] = commandOf(roster[name].file)
    } catch (error) {
      missing.push(`${name} is left out: ${(error as Error).message}`)
    }
  }
  return { commands, missing }
}

function commandOf(file: string): readonly [string, ...string[]] {
  const source = fileURLToPath(new URL(`../peers/${file}`, import.meta.url))
  if (file.endsWith('.go')) return [buildGo(source)]
  if (file.endsWith('.py')) return [findPython(), source]
  return [process.execPath, ...process.execArgv, fileURLToPath(new URL('peers-program.ts', import.meta.url))]
}

/** In a fresh process. @throws Error when it fails, or ends without a sample */
export async function runPeer(
  [command, ...args]: readonly [string, ...string[]],
  order: PeerOrder,
  core: number | undefined,
): Promise<PeerSample> {
  const [program, given] = onCore(core, command, [...args, JSON.stringify(order)])
  const timeout = 30_000 + 10 * order.warmUp + order.slices * (10 * order.measured + 2_000)
  try {
    const { stdout } = await run(program, given, { timeout, env: surroundings() })
    return JSON.parse(stdout) as PeerSample
  } catch (error) {
    const { killed, stderr = '' } = error as { killed?: boolean; stderr?: string }
    const what = killed === true ? `did not end within ${timeout / 1_000} s` : 'ended without a sample'
    throw new Error(`${order.arm}, ${order.kind} ${order.path}: its process ${what}\n${stderr}`, {
      cause: error,
    })
  }
}

/** All of them trust the servers' certificate as their users would make them; none is told of a proxy. */
function surroundings(): NodeJS.ProcessEnv {
  const direct = Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name))
  return {
    ...Object.fromEntries(direct),
    NODE_EXTRA_CA_CERTS: certificate,
    SSL_CERT_FILE: certificate,
    NODE_COMPILE_CACHE: join(built, 'compiled'),
  }
}

function buildGo(source: string): string {
  mkdirSync(built, { recursive: true })
  const program = join(built, 'go-peer')
  const env = { ...process.env, GOCACHE: join(built, 'go-cache'), GOFLAGS: '', GO111MODULE: 'off' }
  try {
    execFileSync('go', ['build', '-o', program, source], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new Error(
      code === 'ENOENT' ? 'there is no go on PATH (Debian: apt-get install golang-go)' : message,
    )
  }
  return program
}

/** The first Python that can import httpx; the one on PATH is not always the system's, which has Debian's packages. */
function findPython(): string {
  for (const python of ['python3', '/usr/bin/python3']) {
    try {
      execFileSync(python, ['-c', 'import httpx'], { stdio: 'ignore' })
      return python
    } catch {
      // The next one may have it.
    }
  }
  throw new Error('no python3 can import httpx (Debian: apt-get install python3-httpx)')
}
