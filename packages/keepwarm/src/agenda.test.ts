import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Agenda, AgendaItem } from './agenda.ts'

class Named extends AgendaItem {
  readonly name: string
  constructor(name: string) {
    super()
    this.name = name
  }
}

function take(agenda: Agenda<Named>, now: number): string[] {
  const names: string[] = []
  agenda.due(now, (item) => names.push(item.name))
  return names.sort()
}

describe('Agenda', () => {
  test('at 149 nothing is due, at 150 the item is, then it is calm', () => {
    const agenda = new Agenda<Named>()
    agenda.add(new Named('a'), 150)
    expect(agenda.next).toBe(150)
    expect(take(agenda, 149)).toEqual([])
    expect(take(agenda, 150)).toEqual(['a'])
    expect(agenda.next).toBe(Infinity)
  })

  test('an item many turns of the wheel away is not due when its bucket passes', () => {
    const agenda = new Agenda<Named>()
    agenda.add(new Named('far'), 100_000)
    for (let now = 0; now < 100_000; now += 997) expect(take(agenda, now)).toEqual([])
    expect(take(agenda, 100_001)).toEqual(['far'])
  })

  test('an item removed by another that is due at the same moment is not handed out', () => {
    const agenda = new Agenda<Named>()
    const [a, b] = [new Named('a'), new Named('b')]
    agenda.add(a, 10)
    agenda.add(b, 10)
    const seen: string[] = []
    agenda.due(10, (item) => {
      seen.push(item.name)
      agenda.remove(item === a ? b : a)
    })
    expect(seen).toHaveLength(1)
    expect(agenda.next).toBe(Infinity)
  })

  test('behaves as a sorted list for any sequence of adds, moves, removes and clock steps', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), in: fc.nat(30_000) }),
      fc.record({ kind: fc.constant('move' as const), which: fc.nat(20), in: fc.nat(30_000) }),
      fc.record({ kind: fc.constant('remove' as const), which: fc.nat(20) }),
      fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(12_000) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const agenda = new Agenda<Named>()
        let now = 5_000
        let model: Named[] = []
        let made = 0
        for (const s of steps) {
          if (s.kind === 'add') {
            const item = new Named(`i${made++}`)
            agenda.add(item, now + s.in)
            model.push(item)
          } else if (s.kind === 'move' && model[s.which]) {
            agenda.move(model[s.which]!, now + s.in)
          } else if (s.kind === 'remove' && model[s.which]) {
            agenda.remove(model[s.which]!)
            model.splice(s.which, 1)
          } else if (s.kind === 'pass') {
            now += s.ms
            const due = model.filter((item) => item.at <= now)
            model = model.filter((item) => item.at > now)
            expect(take(agenda, now)).toEqual(due.map((item) => item.name).sort())
          }
          const earliest = Math.min(Infinity, ...model.map((item) => item.at))
          expect(agenda.next).toBeLessThanOrEqual(earliest)
          if (model.length === 0) expect(agenda.next).toBe(Infinity)
        }
      }),
      { numRuns: 300 },
    )
  })
})
