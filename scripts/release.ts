/**
 * `npm run release -- <major | minor | patch | version> [--dry-run]`: checks that everything holds, gives all published
 * packages the new version, moves the changelog's section, builds, packs, looks into the tarballs, and prints what is
 * left to do: commit, tag, and publish with provenance. It pushes and publishes nothing. A dry run changes no file, and
 * lists everything that is in the way instead of stopping at the first. docs/releasing.md has the whole way.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { complaintsOf, lintAll, packAll, published, type Tarball } from './published.ts'
import { bumpedLock, bumpedManifest, hasRelease, movedChangelog, nextVersion } from './release-plan.ts'
import { house, nodeStep } from './steps.ts'

const marker = join(house, '.data/released/tested')
const names = published.map(({ name }) => name)
const folders = Object.fromEntries(published.map(({ name, folder }) => [name, folder]))
const manifests = [...Object.values(folders), 'apps/intelligence', 'bench'].map((at) => `${at}/package.json`)
const versionInCode = 'packages/keepwarm/src/opentelemetry/scope.ts'

const { wanted, dryRun } = readArguments()
const changelog = read('CHANGELOG.md')
const current = (JSON.parse(read('packages/keepwarm/package.json')) as { version: string }).version
const version = orExit(() => nextVersion(current, wanted, !hasRelease(changelog)))
const moved = orExit(() => movedChangelog(changelog, version, new Date().toISOString().slice(0, 10)))
console.log(`${current} → ${version}${dryRun ? ', a dry run: no file is changed' : ''}`)

const obstacles = [...treeObstacles(), ...manifestObstacles()]
if (obstacles.length > 0) report(obstacles)
if (obstacles.length > 0 && !dryRun) process.exit(1)
test()
if (!dryRun) write()
const tarballs = packAll('.data/released/packed')
const complaints = complaintsOf(tarballs)
report(complaints)
if (complaints.length > 0) process.exit(1)
lintAll(tarballs)
printTarballs(tarballs)
printRest()
process.exitCode = obstacles.length > 0 ? 1 : 0

function readArguments(): { wanted: string; dryRun: boolean } {
  const usage = 'usage: npm run release -- <major | minor | patch | version> [--dry-run]'
  try {
    const { values, positionals } = parseArgs({
      options: { 'dry-run': { type: 'boolean', default: false } },
      allowPositionals: true,
    })
    if (positionals.length !== 1) throw new Error(`One version is needed, ${positionals.length} were given`)
    return { wanted: positionals[0]!, dryRun: values['dry-run'] }
  } catch (error) {
    console.error(`✗ ${(error as Error).message}\n${usage}`)
    process.exit(2)
  }
}

/** What is released is what is in git: on main, with nothing beside it. */
function treeObstacles(): string[] {
  const changed = git('status', '--porcelain').split('\n').filter(Boolean)
  const branch = git('rev-parse', '--abbrev-ref', 'HEAD')
  return [
    ...(branch === 'main' ? [] : [`the branch is ${branch}; releases are made from main`]),
    ...(changed.length === 0
      ? []
      : [`${changed.length} files are not committed, such as ${changed[0]!.slice(3)}: commit them first`]),
    ...(git('tag', '--list', `v${version}`) === '' ? [] : [`there is a tag v${version} already`]),
  ]
}

/** Provenance ties a package to a repository; npm refuses it for a manifest that names none, or another. */
function manifestObstacles(): string[] {
  return published.flatMap(({ folder }) => {
    const manifest = JSON.parse(read(`${folder}/package.json`)) as {
      version: string
      repository?: { url?: string }
    }
    return [
      ...(manifest.version === current ? [] : [`${folder} is ${manifest.version}, keepwarm is ${current}`]),
      ...(manifest.repository?.url === undefined
        ? [`${folder}/package.json names no repository ("repository": { "url": … }): provenance needs it`]
        : []),
    ]
  })
}

/** Everything, once for a commit: who runs this again after a fault at the end need not wait again. */
function test(): void {
  const commit = git('rev-parse', 'HEAD')
  if (existsSync(marker) && readFileSync(marker, 'utf8') === commit)
    return console.log(`▸ check and tests: passed before, for ${commit.slice(0, 12)}`)
  if (dryRun) return console.log('▸ check and tests: a release would run them here')
  nodeStep('check', 'scripts/check.ts')
  nodeStep('tests', 'scripts/test.ts')
  mkdirSync(dirname(marker), { recursive: true })
  writeFileSync(marker, commit)
}

function write(): void {
  writeFileSync(join(house, 'CHANGELOG.md'), moved)
  for (const path of manifests) writeFileSync(join(house, path), bumpedManifest(read(path), names, version))
  writeFileSync(join(house, 'package-lock.json'), bumpedLock(read('package-lock.json'), folders, version))
  const code = read(versionInCode).replace(/(VERSION = )'[^']*'/, `$1'${version}'`)
  writeFileSync(join(house, versionInCode), code)
}

function printTarballs(tarballs: readonly Tarball[]): void {
  for (const { path, size, files } of tarballs)
    console.log(`  ${path}: ${(size / 1_000).toFixed(0)} kB, ${files.length} files`)
}

/** Publishing is for the build server: there alone npm can sign where a package comes from. */
function printRest(): void {
  const files = ['CHANGELOG.md', ...manifests, 'package-lock.json', versionInCode].join(' ')
  const publish = published.map(
    ({ name }) =>
      `  npm publish .data/released/packed/${fileOf(name)} --provenance --access public${tagOf(version)}`,
  )
  console.log(
    [
      dryRun ? '\nWhat would be left to do:' : '\nWhat is left to do; until then `git restore .` undoes it:',
      `  git commit -m "Release ${version}" -- ${files}`,
      `  git tag --annotate v${version} --message "${version}"`,
      'and, where the build server runs this for the tag, with an id-token of its own:',
      ...publish,
    ].join('\n'),
  )
}

function fileOf(name: string): string {
  return `${name.replace('@', '').replace('/', '-')}-${version}.tgz`
}

/** Who installs without a version must not get a forerunner. */
function tagOf(released: string): string {
  return released.includes('-') ? ' --tag next' : ''
}

function report(lines: readonly string[]): void {
  for (const line of lines) console.error(`✗ ${line}`)
}

function orExit<Value>(decide: () => Value): Value {
  try {
    return decide()
  } catch (error) {
    report([(error as Error).message])
    process.exit(2)
  }
}

function git(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: house, encoding: 'utf8' })
  if (status !== 0) throw new Error(`git ${args.join(' ')} failed: ${stderr}`)
  return stdout.trimEnd()
}

function read(path: string): string {
  return readFileSync(join(house, path), 'utf8')
}
