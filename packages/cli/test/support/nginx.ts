/** Debian's nginx, for tests of what is found out about a server that is no test server. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const program = ['nginx', '/usr/sbin/nginx'].find((name) => spawnSync(name, ['-v']).status === 0)

const howTo = 'nginx is needed for these tests: apt-get install -y nginx-light'

/** Whether the tests that need it run. Where everything is tested (CI=1) they do, and fail without it. */
export function needsNginx(): boolean {
  if (program === undefined && process.env['CI'] === undefined)
    console.warn(`${howTo}. They are left out here.`)
  return program !== undefined || process.env['CI'] !== undefined
}

export interface Nginx extends AsyncDisposable {
  readonly port: number
}

/** @param server what stands in `server { … }`. @param listen what follows the address, such as ` ssl http2` */
export async function startNginx(server: string, listen = ''): Promise<Nginx> {
  if (program === undefined) throw new Error(howTo)
  const folder = mkdtempSync(join(tmpdir(), 'keepwarm-nginx-'))
  const port = await freePort()
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ')
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr crit; events {}
http { access_log off; ${temporary} server { listen 127.0.0.1:${port}${listen}; ${server} } }`,
  )
  const child = spawn(program, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'])
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  const ended = once(child, 'close')
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await answers(port, () => child.exitCode !== null)
  } catch (error) {
    await stop()
    throw new Error(`${(error as Error).message}: ${complaints}`, { cause: error })
  }
  return { port, [Symbol.asyncDispose]: stop }
}

async function answers(port: number, isOver: () => boolean): Promise<void> {
  const late = performance.now() + 15_000
  while (performance.now() < late && !isOver()) {
    const socket = connect(port, '127.0.0.1')
    const there = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (there) return
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  throw new Error(isOver() ? 'nginx ended' : 'nginx was not ready in time')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
