/** What exactly was measured: the versions of the clients and of nginx. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { findNginx } from './peers-upstreams.ts'
import type { Commands } from './peers-processes.ts'

interface Manifest {
  readonly devDependencies: Readonly<Record<string, string>>
}

/** `nginx 1.22.1, got 14.6.6, …`; exact ones, as the manifest pins them. */
export function versions(commands: Commands): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Manifest
  const pinned = Object.entries(manifest.devDependencies).map(([name, version]) => `${name} ${version}`)
  const nginx = said('nginx', findNginx(), ['-v'])
  const go = commands['Go net/http'] === undefined ? '' : said('Go', 'go', ['version'])
  const [python] = commands['Python httpx'] ?? []
  const httpx =
    python === undefined ? '' : said('httpx', python, ['-c', 'import httpx; print(httpx.__version__)'])
  return [nginx, go, httpx, ...pinned].filter((version) => version !== '').join(', ')
}

function said(name: string, program: string, args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  return `${name} ${/\d+(\.\d+)+/.exec(`${stdout}${stderr}`)?.[0] ?? 'of unknown version'}`
}
