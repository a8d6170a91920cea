/** Which time a diagnosis is of, where there are several earlier snapshots. */
import { diagnose, type ClientSnapshot, type ProcessSnapshot, type Verdict } from 'keepwarm'
import { expect, test } from 'vitest'
import { clientThat, poolThat, processAt, type Deeds } from './support/snapshots.ts'

/** A client that made 20 calls a second for ten minutes, of which `failed` failed since a moment, in seconds from now. */
function minute(
  perSecond: number,
  isBad: (secondsAgo: number) => boolean,
  guard: Deeds['guard'] = {},
): ProcessSnapshot[] {
  let [calls, bad] = [perSecond * 540, 0]
  return Array.from({ length: 13 }, (_, index) => {
    const ago = 60 - index * 5
    if (index > 0) {
      calls += perSecond * 5
      if (isBad(ago)) bad += perSecond * 5
    }
    const client: ClientSnapshot = clientThat({ calls, failed: { '5xx': bad }, guard }, 600_000 - ago * 1_000)
    return processAt(600_000 - ago * 1_000, [client], [poolThat()])
  })
}

const kinds = (verdicts: readonly Verdict[]): string[] =>
  verdicts.map(({ level, kind }) => `${level} ${kind}`)

test('what began ten seconds ago is seen at once, though the minute before was well', () => {
  const past = minute(20, (ago) => ago < 10)
  expect(kinds(diagnose(past.slice(0, -1), past.at(-1)!))).toEqual(['critical failing'])
  expect(kinds(diagnose(past[0], past.at(-1)!))).toEqual(['healthy'].map((kind) => `ok ${kind}`))
})

test('what is over for ten seconds is over', () => {
  const past = minute(20, (ago) => ago >= 15)
  expect(kinds(diagnose(past[0], past.at(-1)!))).toEqual(['critical failing'])
  expect(kinds(diagnose(past.slice(0, -1), past.at(-1)!))).toEqual(['ok healthy'])
})

test('a client that is called seldom is seen over a longer time', () => {
  const past = minute(1, (ago) => ago < 30)
  expect(kinds(diagnose(past.slice(-3, -1), past.at(-1)!))).toEqual(['ok healthy'])
  expect(kinds(diagnose(past.slice(0, -1), past.at(-1)!))).toEqual(['critical failing'])
})

test('a breaker that flaps slowly is seen over the longest time', () => {
  const past = minute(20, () => false)
  const [guard] = past.at(-1)!.clients[0]!.guards
  const now = minute(20, () => false, { ...guard, transitions: { opened: 3, halfOpened: 3, closed: 3 } }).at(
    -1,
  )!
  const twice = minute(20, () => false, { transitions: { opened: 2, halfOpened: 2, closed: 2 } })
  expect(kinds(diagnose([...past.slice(0, 6), ...twice.slice(6, -1)], now))).toEqual([
    'warn breaker_flapping',
  ])
  expect(kinds(diagnose(twice.slice(6, -1), now))).toEqual(['ok healthy'])
})

test('the order of the snapshots does not matter, and those of another process are not looked at', () => {
  const past = minute(20, (ago) => ago < 10)
  const now = past.at(-1)!
  const others = minute(20, () => false).map((each) => ({ ...each, process: { ...each.process, pid: 2 } }))
  expect(diagnose([...others, ...past.slice(0, -1).reverse()], now)).toEqual(diagnose(past.slice(0, -1), now))
})

test('a client that is new, or whose figures were reset, is judged by what it did since', () => {
  const past = minute(20, () => false)
  const { clients, ...last } = past.at(-1)!
  const since = last.at - 20_000
  const fresh = { ...clients[0]!, ...clientThat({ calls: 100, failed: { '5xx': 60 } }), at: last.at, since }
  expect(kinds(diagnose(past.slice(0, -1), { ...last, clients: [fresh] }))).toEqual(['critical failing'])
})
