/** What may not stand in the sources, whoever writes them. */
import { expect, test } from 'vitest'
import { code, read, trackedFiles } from './sources.ts'

/** This file spells out what it forbids. */
const self = 'test/source-rules.test.ts'

const tracked = trackedFiles().filter((path) => path !== self)
const typescript = tracked.filter((path) => /\.(ts|tsx)$/.test(path))
const text = tracked.filter((path) =>
  /\.(ts|tsx|js|mjs|md|json|ya?ml|sh|html|css)$|(^|\/)(run|Dockerfile|[.]npmrc)$/.test(path),
)

/** Longer files that hold one thing all the same, each with the reason. */
const long: Readonly<Record<string, string>> = {
  'packages/keepwarm/src/pool/core.ts': 'everything that changes the state of the pool stands in one file',
  'packages/keepwarm/test/scenarios.ts': 'one table of 105 rows',
}
const longest = 300

test.each([
  ['a cast to any', /\bas any\b|<any>/],
  ['an enum', /^\s*(export\s+)?(declare\s+)?(const\s+)?enum\s+\w/],
  ['a test that is left out', /\b(test|it|describe|suite|bench)(\.\w+)*\.(only|skip|todo)\b/],
])('no source has %s', (_, pattern) => {
  expect(linesThat(pattern, typescript, sourceCode)).toEqual([])
})

test.each([
  ['a silenced type error', /@ts-(ignore|nocheck)\b/],
  ['a path of one machine', /(?<![\w.}*])\/(work|root|tmp)(?![\w-])/],
  ['the host of a package registry', /registry\.\w+\.(org|com|io)|\bdeb\.debian\b|npmmirror/],
])('nothing names %s', (_, pattern) => {
  expect(linesThat(pattern, text, read)).toEqual([])
})

test('time and chance come in through runtime.ts alone', () => {
  const library = typescript.filter((path) => path.startsWith('packages/keepwarm/src/'))
  const thinking = library.filter((path) => !/\.test\.ts$|\/src\/runtime\.ts$|\/src\/testing\//.test(path))
  const doors =
    /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bset(Timeout|Interval|Immediate)\(|\bMath\.random\b|node:timers/
  expect(linesThat(doors, thinking, sourceCode)).toEqual([])
})

test(`no source file has more than ${longest} lines`, () => {
  const lengths = typescript
    .filter((path) => !/\.(test|spec)\.tsx?$/.test(path))
    .map((path) => ({ path, lines: read(path).split('\n').length - 1 }))
  const tooLong = lengths.filter(({ lines }) => lines > longest)
  expect(
    tooLong
      .filter(({ path }) => long[path] === undefined)
      .map(({ path, lines }) => `${path} has ${lines} lines; split it by meaning`),
  ).toEqual([])
  expect(Object.keys(long).filter((path) => !tooLong.some((file) => file.path === path))).toEqual([])
})

/** Comments may speak of anything. */
function sourceCode(path: string): string {
  return code(read(path))
}

function linesThat(pattern: RegExp, paths: readonly string[], contents: (path: string) => string): string[] {
  return paths.flatMap((path) =>
    contents(path)
      .split('\n')
      .flatMap((line, index) =>
        pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : [],
      ),
  )
}
