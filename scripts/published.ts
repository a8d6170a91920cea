/** The packages that are published, and their tarballs: made, and looked into. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { contentComplaints, listComplaints, type PackageRules } from './tarball-rules.ts'
import { house, nodeStep } from './steps.ts'

/** In the order they are published: each depends on those before it. Sizes are in bytes, with little head-room. */
export const published: readonly (PackageRules & { readonly folder: string })[] = [
  { name: 'keepwarm', folder: 'packages/keepwarm', most: 1_450_000, needed: ['src/index.ts'] },
  {
    name: '@keepwarm/dashboard',
    folder: 'packages/dashboard',
    most: 155_000,
    needed: ['NOTICES.md', 'dist/built/page.js', 'grafana/keepwarm.json', 'alerts/keepwarm.yml'],
  },
  { name: '@keepwarm/cli', folder: 'packages/cli', most: 96_000, needed: ['dist/main.js'] },
]

export interface Tarball {
  readonly name: string
  readonly version: string
  /** From the top folder. */
  readonly path: string
  /** In bytes, packed. */
  readonly size: number
  readonly files: readonly string[]
}

/** What `npm pack --json` says of a tarball. */
interface Packed {
  readonly name: string
  readonly version: string
  readonly filename: string
  readonly size: number
  readonly files: readonly { readonly path: string }[]
}

/** Builds, and packs into an empty folder (from the top folder). What is looked at is the very file that would be published. */
export function packAll(into: string): readonly Tarball[] {
  nodeStep('build', 'scripts/build.ts')
  console.log('▸ pack')
  rmSync(join(house, into), { recursive: true, force: true })
  mkdirSync(join(house, into), { recursive: true })
  const workspaces = published.map(({ name }) => `--workspace=${name}`)
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', `--pack-destination=${into}`]
  const { status, stdout, stderr } = spawnSync('npm', [...args, ...workspaces], {
    cwd: house,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`npm pack failed: ${stderr}`)
  return (JSON.parse(stdout) as Packed[]).map(({ name, version, filename, size, files }) => ({
    ...{ name, version, size, path: `${into}/${filename}` },
    files: files.map(({ path }) => path).sort(),
  }))
}

/** Everything that keeps these tarballs from being published. */
export function complaintsOf(tarballs: readonly Tarball[]): string[] {
  return published.flatMap(({ folder, ...rules }) => {
    const tarball = tarballs.find(({ name }) => name === rules.name)
    if (tarball === undefined) return [`${rules.name} was not packed`]
    const manifest = JSON.parse(readFileSync(join(house, folder, 'package.json'), 'utf8')) as object
    const contents = tarball.files.flatMap((path) =>
      contentComplaints(`${rules.name}: ${path}`, readFileSync(join(house, folder, path), 'utf8')),
    )
    return [...listComplaints(rules, manifest, tarball), ...contents]
  })
}

/** publint and attw over the tarballs. */
export function lintAll(tarballs: readonly Tarball[]): void {
  for (const { name, path } of tarballs) {
    nodeStep(`publint: ${name}`, 'tools/node_modules/publint/src/cli.js', '--strict', path)
    const attw = 'tools/node_modules/@arethetypeswrong/cli/dist/index.js'
    nodeStep(`attw: ${name}`, attw, '--profile=esm-only', '--format=ascii', '--quiet', path)
  }
}
