/** Imports run one way. Each room names the rooms directly below it; it may reach those, and what is below them. */
import { expect, test } from 'vitest'
import { importsOf, read, sourceFiles } from './sources.ts'

/**
 * The rooms of packages/keepwarm/src. The hall is every file that stands in src/ itself: all may import it, and it
 * imports nothing but itself.
 */
const rooms: Readonly<Record<string, readonly string[]>> = {
  index: ['service', 'client', 'config'],
  service: ['client'],
  policies: ['retry', 'breaker', 'hedge', 'balance', 'limit', 'health'],
  client: ['config', 'exchange', 'pool', 'observe', 'health'],
  exchange: ['retry', 'breaker', 'hedge', 'balance', 'deadline', 'pool'],
  config: [],
  retry: [],
  breaker: [],
  hedge: [],
  health: [],
  limit: [],
  balance: [],
  deadline: [],
  observe: [],
  opentelemetry: ['observe'],
  egress: [],
  pool: ['limit', 'egress', 'observe'],
  hall: [],
}

/** Rooms for tests of the library's users: they may look everywhere, and nothing looks back at them. */
const besides = ['testing']

const source = 'packages/keepwarm/src/'
const files = sourceFiles(`${source}**/*.ts`)

test('imports run one way: index → client → exchange → its policies and pool → limit', () => {
  expect(wrongDirections()).toEqual([])
})

test('no file imports itself through others', () => {
  const graph = new Map(files.map((path) => [path, runtimeTargets(path)]))
  expect(cycles(graph)).toEqual([])
})

test('a socket is made in one place: only pool/connection.ts and pool/dial.ts take Client or buildConnector from undici', () => {
  const makers = ['pool/connection.ts', 'pool/dial.ts']
  const sockets = [
    'Client',
    'buildConnector',
    'Pool',
    'Agent',
    'RoundRobinPool',
    'BalancedPool',
    '*',
    'default',
  ]
  const offenders = files
    .filter((path) => !makers.includes(path.slice(source.length)) && !path.startsWith(`${source}testing/`))
    .flatMap((path) =>
      importsOf(path)
        .filter(({ from, typeOnly }) => !typeOnly && from.split('/')[0] === 'undici')
        .flatMap(({ names }) => names.filter((name) => sockets.includes(name)))
        .map((name) => `${path} imports ${name} from undici; go through the pool instead`),
    )
  expect(offenders).toEqual([])
})

test('the library imports undici, Node and what its package.json names, and nothing from the house around it', () => {
  const manifest = JSON.parse(read('packages/keepwarm/package.json')) as Record<
    string,
    Record<string, string>
  >
  const known = Object.keys({ ...manifest['dependencies'], ...manifest['peerDependencies'] })
  const offenders = files.flatMap((path) =>
    importsOf(path)
      .filter(({ from, file }) =>
        file === undefined
          ? !from.startsWith('node:') && !known.includes(packageOf(from))
          : !file.startsWith(source),
      )
      .map(({ from }) => `${path} imports ${from}`),
  )
  expect(offenders).toEqual([])
})

test('everyone else imports keepwarm by name', () => {
  const outside = [
    'apps/*/{src,test}/**/*.ts',
    'packages/{cli,dashboard}/{src,test}/**/*.{ts,tsx}',
    'bench/**/*.ts',
    'examples/**/*.ts',
  ]
  const offenders = outside
    .flatMap((pattern) => sourceFiles(pattern))
    .flatMap((path) =>
      importsOf(path)
        .filter(
          ({ from, file }) => file?.startsWith('packages/keepwarm/') || /^keepwarm\/(src|dist)\b/.test(from),
        )
        .map(({ from }) => `${path} imports ${from}; say 'keepwarm'`),
    )
  expect(offenders).toEqual([])
})

test('the reader of import lines sees every form of them', () => {
  const lines = `import { Client as C, type Dispatcher } from 'undici'
import type { Waiter } from './core.ts'
import {
  type A,
} from '../a.ts'
import * as all from 'node:fs'
import './effects.ts'
export { b } from './b.ts'
const late = await import('./late.ts')
// import('./comment.ts')
`
  const seen = importsOf(`${source}pool/x.ts`, lines)
  expect(seen.map(({ from, names, typeOnly }) => [from, names, typeOnly])).toEqual([
    ['undici', ['Client', 'Dispatcher'], false],
    ['./core.ts', ['Waiter'], true],
    ['../a.ts', ['A'], true],
    ['node:fs', ['*'], false],
    ['./b.ts', ['b'], false],
    ['./effects.ts', [], false],
    ['./late.ts', ['*'], false],
  ])
  expect(seen.find(({ from }) => from === '../a.ts')?.file).toBe(`${source}a.ts`)
})

function wrongDirections(): string[] {
  return files.flatMap((path) => {
    const room = roomOf(path)
    if (besides.includes(room)) return []
    if (rooms[room] === undefined)
      return [`${path}: the room ${room}/ has no row in test/imports.test.ts; say what it may import`]
    return importsOf(path).flatMap(({ from, file }) => {
      if (file === undefined || !file.startsWith(source)) return []
      const target = roomOf(file)
      if (target === room || target === 'hall' || below(room).has(target)) return []
      const allowed = [...below(room), 'the hall'].join(', ')
      return [
        `${path} imports ${from}: ${room} may not know ${target}. It may import ${allowed}; what both need belongs in the hall`,
      ]
    })
  })
}

function roomOf(path: string): string {
  const [first = '', ...rest] = path.slice(source.length).split('/')
  if (rest.length > 0) return first
  return first === 'index.ts'
    ? 'index'
    : besides.includes(first.replace(/\.ts$/, ''))
      ? first.replace(/\.ts$/, '')
      : 'hall'
}

/** Every room that can be reached downwards. The table has no circle, or this would name the room itself. */
function below(room: string, seen: Set<string> = new Set()): Set<string> {
  for (const next of rooms[room] ?? []) {
    if (seen.has(next)) continue
    seen.add(next)
    below(next, seen)
  }
  return seen
}

function runtimeTargets(path: string): string[] {
  return importsOf(path).flatMap(({ file, typeOnly }) => (file === undefined || typeOnly ? [] : [file]))
}

function cycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>()
  const found: string[] = []
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) found.push([...way.slice(way.indexOf(path)), path].join(' → '))
    if (done.has(path) || way.includes(path)) return
    for (const next of graph.get(path) ?? []) visit(next, [...way, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return found
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/')
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}
