/** The decisions of a release, from texts to texts: the next version, the changelog, the manifests, the lock file. */

const versionShape = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9a-z]+(?:\.[0-9a-z]+)*))?$/i

/**
 * @param wanted `major`, `minor`, `patch`, or a version
 * @param isFirst nothing was released before: the present version may be
 * @throws Error saying what is allowed
 * @example nextVersion('0.1.0', 'minor') // '0.2.0'
 */
export function nextVersion(current: string, wanted: string, isFirst = false): string {
  const [major, minor, patch] = numbersOf(current)
  // What was a forerunner of 1.0.0 becomes 1.0.0 by "patch".
  const released = current.includes('-') ? patch : patch + 1
  const steps: Readonly<Record<string, string>> = {
    major: `${major + 1}.0.0`,
    minor: `${major}.${minor + 1}.0`,
    patch: `${major}.${minor}.${released}`,
  }
  const next = steps[wanted] ?? wanted
  if (!versionShape.test(next))
    throw new Error(`"${wanted}" is no version: give major, minor, patch, or one like 1.2.3 or 1.2.3-rc.1`)
  if (!isAbove(next, current) && !(isFirst && next === current))
    throw new Error(`${next} is not above the present version, ${current}`)
  return next
}

/** Whether the changelog knows of a release. */
export function hasRelease(changelog: string): boolean {
  return /^## \[\d/m.test(changelog)
}

/**
 * What is unreleased becomes a version of its own.
 * @param day as `2026-01-31`
 * @throws Error when there is nothing to release, or the version is there already
 */
export function movedChangelog(changelog: string, version: string, day: string): string {
  const heading = /^## \[Unreleased\]\n/m.exec(changelog)
  if (heading === null) throw new Error('CHANGELOG.md has no section "## [Unreleased]"')
  if (changelog.includes(`## [${version}]`)) throw new Error(`CHANGELOG.md has ${version} already`)
  if (notesOf(changelog, 'Unreleased') === '')
    throw new Error('CHANGELOG.md says nothing under "## [Unreleased]": write what changes for the users')
  const before = changelog.slice(0, heading.index + heading[0].length)
  return `${before}\n## [${version}] - ${day}\n${changelog.slice(before.length)}`
}

/** What the changelog says of a version, without its heading. */
export function notesOf(changelog: string, version: string): string {
  const [, after = ''] = changelog.split(`## [${version}]`)
  const text = after.slice(after.indexOf('\n') + 1)
  const end = text.search(/^## \[/m)
  return (end < 0 ? text : text.slice(0, end)).trim()
}

interface Manifest {
  name?: string
  version?: string
  [section: string]: unknown
}

/** A package.json in which all that is of ours has the new version. `names`: of the packages that are published. */
export function bumpedManifest(text: string, names: readonly string[], version: string): string {
  return jsonText(bumped(JSON.parse(text) as Manifest, names, version))
}

/** The lock file, likewise. `folders`: of the packages that are published, by name. */
export function bumpedLock(text: string, folders: Readonly<Record<string, string>>, version: string): string {
  const names = Object.keys(folders)
  const lock = JSON.parse(text) as { packages: Record<string, Manifest> }
  for (const [place, entry] of Object.entries(lock.packages)) {
    if (place.includes('node_modules/')) continue
    bumped(entry, names, version)
    if (Object.values(folders).includes(place)) entry.version = version
  }
  return jsonText(lock)
}

function bumped(manifest: Manifest, names: readonly string[], version: string): Manifest {
  if (manifest.name !== undefined && names.includes(manifest.name)) manifest.version = version
  for (const section of ['dependencies', 'devDependencies']) {
    const dependencies = (manifest[section] ?? {}) as Record<string, string>
    for (const name of names) if (dependencies[name] !== undefined) dependencies[name] = version
  }
  return manifest
}

/** As npm writes it. */
function jsonText(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

function numbersOf(version: string): [major: number, minor: number, patch: number] {
  const [, ...numbers] = versionShape.exec(version) ?? []
  if (numbers.length === 0) throw new Error(`"${version}" is no version like 1.2.3`)
  return numbers.slice(0, 3).map(Number) as [number, number, number]
}

/** By numbers; of two with the same numbers the one without a word behind is above, then by the words. */
function isAbove(one: string, other: string): boolean {
  const [left, right] = [numbersOf(one), numbersOf(other)]
  const place = left.findIndex((number, index) => number !== right[index])
  if (place >= 0) return left[place]! > right[place]!
  const [word = '', before = ''] = [one.split('-')[1], other.split('-')[1]]
  if (word === '' || before === '') return word === '' && before !== ''
  return word.localeCompare(before, 'en', { numeric: true }) > 0
}
