/** The decisions of a release, and what a tarball must hold. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { published } from '../scripts/published.ts'
import {
  bumpedLock,
  bumpedManifest,
  hasRelease,
  movedChangelog,
  nextVersion,
  notesOf,
} from '../scripts/release-plan.ts'
import { contentComplaints, listComplaints } from '../scripts/tarball-rules.ts'
import { house, read } from './sources.ts'

describe('the next version', () => {
  test.each([
    ['0.1.0', 'patch', '0.1.1'],
    ['0.1.9', 'minor', '0.2.0'],
    ['1.9.9', 'major', '2.0.0'],
    ['1.0.0-rc.1', 'patch', '1.0.0'],
    ['1.0.0-rc.9', '1.0.0-rc.10', '1.0.0-rc.10'],
    ['1.0.0-rc.9', '1.0.0', '1.0.0'],
    ['0.9.0', '0.10.0', '0.10.0'],
  ])('%s, %s: %s', (current, wanted, next) => expect(nextVersion(current, wanted)).toBe(next))

  test.each([
    ['0.2.0', '0.1.9', 'not above'],
    ['0.2.0', '0.2.0', 'not above'],
    ['1.0.0', '1.0.0-rc.1', 'not above'],
    ['1.0.0-rc.2', '1.0.0-rc.1', 'not above'],
    ['0.2.0', 'v0.3.0', 'is no version'],
    ['0.2.0', '', 'is no version'],
  ])('%s is not followed by "%s"', (current, wanted, why) =>
    expect(() => nextVersion(current, wanted)).toThrow(why),
  )

  test('the first release may be the present version', () => {
    expect(nextVersion('0.1.0', '0.1.0', true)).toBe('0.1.0')
    expect(() => nextVersion('0.1.0', '0.0.9', true)).toThrow('not above')
  })
})

describe('the changelog', () => {
  const log = '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- a\n\n## [0.1.0] - 2026-01-01\n\n- first\n'

  test('what is unreleased gets a version and a day; the section stays, empty', () => {
    const moved = movedChangelog(log, '0.2.0', '2026-02-03')
    expect(moved).toContain('## [Unreleased]\n\n## [0.2.0] - 2026-02-03\n\n### Added\n\n- a\n\n## [0.1.0]')
    expect(notesOf(moved, '0.2.0')).toBe('### Added\n\n- a')
    expect(notesOf(moved, '0.1.0')).toBe('- first')
    expect(() => movedChangelog(moved, '0.3.0', '2026-02-04')).toThrow('says nothing')
  })

  test('a version is there once, and only of what is unreleased', () => {
    expect(() => movedChangelog(log, '0.1.0', '2026-02-03')).toThrow('has 0.1.0 already')
    expect(() => movedChangelog('# Changelog\n', '0.1.0', '2026-02-03')).toThrow('no section')
    expect([hasRelease(log), hasRelease('## [Unreleased]\n')]).toEqual([true, false])
  })

  test('the one of the repository can be released', () => {
    const changelog = read('CHANGELOG.md')
    expect(notesOf(movedChangelog(changelog, '99.0.0', '2026-02-03'), '99.0.0')).toContain('### ')
  })
})

describe('the manifests', () => {
  const names = published.map(({ name }) => name)
  const folders = Object.fromEntries(published.map(({ name, folder }) => [name, folder]))
  const { version } = JSON.parse(read('packages/keepwarm/package.json')) as { version: string }
  const paths = [...Object.values(folders), 'apps/intelligence', 'bench'].map((at) => `${at}/package.json`)

  test.each(paths)('%s: ours alone get the new version, and the text keeps its form', (path) => {
    const bumped = bumpedManifest(read(path), names, '99.0.0')
    expect(bumped).toContain('99.0.0')
    expect(bumped.replaceAll('99.0.0', version)).toBe(read(path))
  })

  test('the lock file agrees with them', () => {
    const lock = bumpedLock(read('package-lock.json'), folders, '99.0.0')
    expect(lock.replaceAll('99.0.0', version)).toBe(read('package-lock.json'))
    const { packages } = JSON.parse(lock) as {
      packages: Record<string, { version?: string; dependencies?: object }>
    }
    for (const folder of Object.values(folders)) expect(packages[folder]?.version).toBe('99.0.0')
    expect(packages['packages/cli']?.dependencies).toMatchObject({ keepwarm: '99.0.0' })
  })
})

describe('what comes with the packages', () => {
  interface Locked {
    readonly integrity?: string
    readonly link?: boolean
    readonly dev?: boolean
    readonly hasInstallScript?: boolean
  }
  const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> }
  const foreign = Object.entries(lock.packages).filter(
    ([place, { link }]) => place.includes('node_modules/') && link !== true,
  )

  test('undici alone with the library; each at an exact version', () => {
    const dependencies = published.map(({ folder }) => {
      const manifest = JSON.parse(read(`${folder}/package.json`)) as { dependencies: Record<string, string> }
      return manifest.dependencies
    })
    expect(dependencies.map((each) => Object.keys(each))).toEqual([
      ['undici'],
      ['keepwarm'],
      ['@keepwarm/dashboard', 'commander', 'keepwarm'],
    ])
    const versions = dependencies.flatMap((each) => Object.values(each))
    expect(versions.filter((each) => !/^\d+\.\d+\.\d+$/.test(each))).toEqual([])
  })

  test('the lock file knows every package by its content', () => {
    expect(foreign.length).toBeGreaterThan(100)
    expect(foreign.filter(([, { integrity = '' }]) => !integrity.startsWith('sha512-'))).toEqual([])
  })

  test('nothing of it runs a script when it is installed', () => {
    const scripted = foreign.filter(([, { dev, hasInstallScript }]) => !dev && hasInstallScript)
    expect(scripted.map(([place]) => place)).toEqual([])
  })
})

describe('a tarball', () => {
  const rules = { name: 'a', most: 100, needed: ['NOTICES.md'] }
  const manifest = {
    exports: { '.': { 'keepwarm-source': './src/a.ts', types: './a.d.ts', default: './a.js' } },
  }
  const files = ['LICENSE', 'NOTICES.md', 'README.md', 'a.d.ts', 'a.js', 'package.json']

  test('holds what it must, and is light', () => {
    expect(listComplaints(rules, manifest, { size: 100, files })).toEqual([])
  })

  test.each([
    ['a target of exports', files.filter((path) => path !== 'a.d.ts'), 'a lacks a.d.ts'],
    ['the licence', files.filter((path) => path !== 'LICENSE'), 'a lacks LICENSE'],
    ['what is asked of it besides', files.filter((path) => path !== 'NOTICES.md'), 'a lacks NOTICES.md'],
  ])('lacks %s', (_, held, complaint) =>
    expect(listComplaints(rules, manifest, { size: 1, files: held })).toEqual([complaint]),
  )

  test.each([
    'src/a.test.ts',
    '.env',
    'test/support/a.ts',
    'dist/.npmrc',
    'server.key',
    'tsconfig.tsbuildinfo',
  ])('has no use for %s', (path) =>
    expect(listComplaints(rules, manifest, { size: 1, files: [...files, path] })).toEqual([
      `a holds ${path}, which nobody needs`,
    ]),
  )

  test('is too heavy, or private', () => {
    const complaints = listComplaints(rules, { ...manifest, private: true }, { size: 101, files })
    expect(complaints).toEqual([
      expect.stringMatching(/^a is private/),
      expect.stringMatching(/101 bytes.* 100 /),
    ])
  })

  test.each([
    ['a private key', `-----BEGIN RSA PRIVATE ${'KEY'}-----\nMIIE`],
    ['a token of npm', `//host/:_auth${'Token'}=abc`],
    ['a path of one machine', `{"sources":["/${'home'}/ann/a.ts"]}`],
  ])('holds %s', (what, text) => expect(contentComplaints('a: x', text)).toEqual([`a: x holds ${what}`]))

  test('holds none of it', () => {
    expect(contentComplaints('a', "'/home' and '-----BEGIN PRIVATE KEY-----'")).toEqual([])
  })
})

test.each([
  [[], 'One version is needed'],
  [['0.0.1', '--dry-run'], 'not above'],
  [['patch', '--publish'], "'--publish'"],
])('release %j ends with what is wrong, and touches nothing', (args, why) => {
  const { status, stderr } = spawnSync(process.execPath, [join(house, 'scripts/release.ts'), ...args], {
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([2, expect.stringContaining(why)])
})
