import { expect, onTestFinished, test, vi } from 'vitest'
import { counted, duration, printable, rate, share } from './figures.ts'
import { bar, progressLine, showProgress } from './progress.ts'
import { together, type ClientReport } from './report.ts'
import type { Screen } from './screen.ts'
import { processLines, type ProcessReport } from './sharing.ts'
import { readStop } from './stop-signals.ts'
import { highlight } from './summary.ts'
import { table } from './table.ts'
import { restartPause } from './worker-messages.ts'

test('numbers read well, and rounding never claims more than there is', () => {
  expect([0.5, 9.94, 999, 1_500, 59_960, 83_000].map(duration)).toEqual([
    '0.50 ms',
    '9.9 ms',
    '999 ms',
    '1.5 s',
    '1 min 0 s',
    '1 min 23 s',
  ])
  expect([share(0, 0), share(1, 1), share(9_999, 10_000), share(1, 3)]).toEqual([
    '–',
    '100.0 %',
    '99.9 %',
    '33.3 %',
  ])
  expect([counted(1, 'entity', 'entities'), counted(1_200, 'entity', 'entities')]).toEqual([
    '1 entity',
    '1,200 entities',
  ])
  expect([rate(52, 2_600), rate(0, 0), rate(500, 1_000)]).toEqual(['20.0', '0.0', '500'])
})

test('what comes from a file cannot steer the terminal', () => {
  const evil = 'a\u001b[2J\u001b]0;owned\u0007b\u202ec\r\nd'
  expect(printable(evil)).toBe('a [2J ]0;owned b c d')
  const paint = (_: unknown, text: string): string => `<${text}>`
  expect(highlight(evil, [], paint)).not.toMatch(/\p{Cc}/u)
})

test('a snippet is shown around its first mark, its words painted', () => {
  const paint = (_: unknown, text: string): string => `<${text}>`
  expect(highlight('idle sockets wait', [{ start: 5, end: 12 }], paint)).toBe('idle <sockets> wait')
  const text = `${'far '.repeat(100)}needle ${'away '.repeat(100)}`
  const shown = highlight(text, [{ start: 400, end: 406 }], paint)
  expect(shown).toMatch(/^…far .*far <needle> away .*…$/)
  expect(shown.length).toBeLessThan(160)
})

test('the bar fills by eighths', () => {
  expect([bar(0, 4), bar(0.5, 4), bar(0.54, 4), bar(1, 4), bar(2, 4), bar(-1, 2)]).toEqual([
    '    ',
    '██  ',
    '██▏ ',
    '████',
    '████',
    '  ',
  ])
})

const run = {
  read: 50,
  leftOver: 0,
  unchanged: 0,
  wanted: 50,
  done: 24,
  degraded: 1,
  retried: 2,
  skipped: [],
  duration: 5_000,
}
const flow = { requests: 400, reused: 380, open: 18, opened: 20 }

test('the progress says how far, how fast, how long still and what the connections do', () => {
  const line = progressLine(
    { run: { ...run, dead: [{ documentId: 'x', source: 'x.md' }] }, traffic: flow },
    120,
  )
  expect(line).toContain(
    '25/50  5.0/s  5.0 s left  1 lost  2 retries  18 connections open, 95.0 % of 400 requests reused one',
  )
  expect(progressLine({ run: { ...run, wanted: 0, done: 0, dead: [] }, traffic: flow }, 80)).toContain(
    'reading',
  )
})

test.each([20, 40, 79, 80, 120, 200])('the progress fits into %i columns', (width) => {
  expect(progressLine({ run: { ...run, dead: [] }, traffic: flow }, width).length).toBeLessThan(width)
})

test('columns stand below each other, without spaces at the ends', () => {
  const columns = [
    { title: 'name', align: 'left' },
    { title: 'n', align: 'right' },
  ] as const
  expect(
    table(columns, [
      ['a', '10'],
      ['long name', ''],
    ]),
  ).toEqual(['name        n', 'a          10', 'long name'])
})

test('a second Ctrl-C ends at once, but not the echo of the first', () => {
  expect(readStop(undefined, 5_000)).toBe('stop')
  expect(readStop(5_000, 5_400)).toBe('same')
  expect(readStop(5_000, 6_000)).toBe('at_once')
  expect(readStop(5_000, 15_000)).toBe('at_once')
})

test('where nothing can be redrawn, a plain line comes now and then', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const lines: string[] = []
  const screen = { live: false, err: (line = '') => void lines.push(line) } as Screen
  {
    using _progress = showProgress(screen, () => ({ run: { ...run, dead: [] }, traffic: flow }))
    vi.advanceTimersByTime(25_000)
  }
  vi.advanceTimersByTime(60_000)
  expect(lines).toHaveLength(2)
  expect(lines[0]).toMatch(/^ {2}24\/50 {2}4\.8\/s .* connections open, 95\.0 % of 400 requests reused one$/)
})

test('where several share the work, the progress and the summary say what each has done', () => {
  const shares = new Map([
    ['api', 1_200],
    ['worker-1', 8],
  ])
  const line = progressLine({ run: { ...run, dead: [] }, traffic: flow, shares }, 120)
  expect(line).toContain('api 1,200, worker-1 8')
  const reports: ProcessReport[] = [
    { name: 'api', indexed: 3, state: 'here', deaths: 0 },
    { name: 'worker-1', indexed: 1, state: 'died', deaths: 1 },
    { name: 'worker-2', indexed: 0, state: 'here', deaths: 1 },
  ]
  expect(processLines(reports)).toEqual([
    '  processes  api: 3 (75.0 %)',
    '             worker-1: 1 (25.0 %); it died',
    '             worker-2: 0 (0.0 %); it died, and another took its place',
  ])
})

test('clients of the same name in several processes are counted as one', () => {
  const one: ClientReport = {
    ...{ name: 'a', requests: 10, connections_opened: 2, server_connections: 5, reused: 8 },
    ...{ p50_ms: 1, p99_ms: 9, retries: 1, failed: 0 },
  }
  const other = { ...one, server_connections: null, requests: 5, reused: 4, p50_ms: 3, p99_ms: 4, failed: 2 }
  expect(together([[one], [], [other, { ...other, name: 'b' }]])).toEqual([
    {
      ...{ name: 'a', requests: 15, connections_opened: 4, server_connections: 5, reused: 12 },
      ...{ p50_ms: 3, p99_ms: 9, retries: 2, failed: 2 },
    },
    { ...other, name: 'b' },
  ])
})

test('a worker that dies again and again is started ever later, by half a minute at most', () => {
  expect([1, 2, 3, 6, 1_000].map(restartPause)).toEqual([1_000, 2_000, 4_000, 30_000, 30_000])
})
