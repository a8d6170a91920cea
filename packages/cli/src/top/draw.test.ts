import { stripVTControlCharacters, styleText } from 'node:util'
import { expect, test } from 'vitest'
import { firstChoice, play, scenes } from '../../test/support/scenes.ts'
import { cells } from '../terminal/cells.ts'
import type { Paint } from '../terminal/terminal.ts'
import { drawScreen } from './draw.ts'
import { firstModel, pressed, type Model } from './model.ts'

const plain: Paint = (_, text) => text
const colours: Paint = (format, text) => styleText(format, text, { validateStream: false })

function drawn(model: Model, columns = 120, rows = 40, now = 500, paint = plain): string {
  return drawScreen(model, { now }, { columns, rows }, paint).join('\n')
}

test.each(scenes)(
  '%s: as many lines as the terminal has, none of them too wide, whatever its size',
  (scene) => {
    const { model } = play(scene)
    for (const shown of [model, pressed(model, 'details'), pressed(model, 'help')]) {
      for (const [columns, rows] of [
        [20, 5],
        [40, 10],
        [80, 24],
        [100, 30],
        [132, 43],
        [250, 80],
      ] as const) {
        const lines = drawScreen(shown, { now: 0 }, { columns, rows }, colours)
        expect(lines.length).toBe(rows)
        const widths = lines.map((line) => cells(stripVTControlCharacters(line)))
        expect(Math.max(...widths), `${columns} columns`).toBeLessThanOrEqual(columns)
      }
    }
  },
)

test('an incident: the verdict on top, the ill client first, its numbers, and what to do', () => {
  const text = drawn(play('pool-exhausted').model, 132)
  expect(text).toMatch(/^ keepwarm {2}intelligence-service {3}pid 4711 · node/)
  expect(text).toContain('■ CRITICAL  ollama: pool exhausted')
  expect(text).toMatch(
    /^ ›■ ollama +pool exhausted +closed +█{10} 20\/20 +14, 5\.0 s +5\.0 +79 % +89 % +×1\.13/m,
  )
  expect(text).toMatch(/^ {2}● bridge +ok /m)
  expect(text).toMatch(/^ waiting +14, the oldest for 5\.0 s, for maxConnectionsPerOrigin$/m)
  expect(text).toContain('OLLAMA_HTTP_CLIENT_POOL_TIMEOUT=1')
  expect(text).toMatch(/#1 +busy +h1 .*POST \/api\/embed for 9\.6 s \(headers\)/)
})

test('all is well: one line says so', () => {
  const text = drawn(play('healthy').model)
  expect(text).toContain(' ● All 4 clients are well.\n')
  expect(text).not.toMatch(/[■▲]/)
})

test('names that want to be more than text are text', () => {
  const { model, next } = play('hostile')
  const evil = next(model, (tick) => ({
    ...tick,
    verdicts: tick.verdicts.map((verdict) => ({ ...verdict, text: 'a\x1b[2Jb\r\nc\u202ed' })),
    snapshot: { ...tick.snapshot, process: { ...tick.snapshot.process, name: '\x1b]0;x\x07' } },
  }))
  const text = drawn(evil, 120, 40)
  expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
  expect(text).toContain('a·[2Jb··c·d')
})

test('a wider terminal has more columns, the weightier ones first', () => {
  const { model } = play('healthy')
  const head = (columns: number): string => /CLIENT.*/.exec(drawn(model, columns))![0]
  expect(head(160)).toMatch(
    /STATE.*BREAKER.*CONNECTIONS.*WAITING.*CALLS\/S.*OK.*SERVER.*TRIES.*P50.*P99.*2 MIN/,
  )
  expect(head(60)).toMatch(/STATE.*CALLS\/S.*OK.*P99$/)
  expect(head(60)).not.toContain('SERVER')
})

test('the chosen client stays in sight, however many there are', () => {
  const { model } = play('crowd')
  const last = pressed(model, 'last')
  const text = drawn(last, 80, 24)
  expect(text).toMatch(/^ ›● /m)
  expect(text.match(/^ {2,}● service/gm)!.length).toBeLessThan(9)
})

test('old figures are said to be old, and when it is tried again', () => {
  const { model } = play('healthy')
  expect(drawn(model, 120, 40, 1_000)).toMatch(/● live \d\d:\d\d:\d\d/)
  expect(drawn(model, 120, 40, 9_000)).toContain('✗ nothing for 9.0 s')
  const lost: Model = { ...model, trouble: { text: 'http://a does not answer', until: 12_000 } }
  const text = drawn(lost, 120, 40, 9_000)
  expect(text).toContain('✗ nothing for 9.0 s, again in 3 s')
  expect(text.split('\n').at(-1)).toBe(' http://a does not answer')
})

test('before the first tick it says what it waits for', () => {
  const model = firstModel(firstChoice)
  expect(drawn(model)).toContain('Waiting for the first figures')
  expect(drawn({ ...model, trouble: { text: 'no route', until: 0 } })).toContain('no route')
})

test('a breaker that is open, and streams of HTTP/2', () => {
  expect(drawn(play('breaker-open').model)).toMatch(/^ breaker +open · .*asks again in/m)
  const text = drawn(pressed(play('healthy', { client: 'coordinator' }).model, 'redraw'))
  expect(text).toMatch(/^ connections +\d+ of 200 streams on 2 HTTP\/2 sessions$/m)
})

test('only colour is different in colour', () => {
  const { model } = play('retry-storm')
  const painted = drawn(model, 120, 40, 500, colours)
  expect(painted).not.toBe(drawn(model))
  expect(stripVTControlCharacters(painted)).toBe(drawn(model))
})
