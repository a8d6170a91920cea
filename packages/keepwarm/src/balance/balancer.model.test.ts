/** Random lives of a balancer, held against what its own snapshot says of each endpoint. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Balancer } from './balancer.ts'
import type { Endpoint } from './endpoint.ts'
import type { BalanceSnapshot } from './snapshot.ts'

const names = ['a', 'b', 'c', 'd', 'e', 'f']
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const kind = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name)
const outcome = fc.constantFrom('success', 'failure', 'failure', 'overload', 'slow', 'ignored')

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: kind('pick'), one: chance, two: chance, avoid: fc.nat({ max: 8 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: kind('fail'),
      which: fc.nat(),
      times: fc.integer({ min: 1, max: 8 }),
      one: chance,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: kind('end'),
      which: fc.nat(),
      outcome,
      rtt: fc.nat({ max: 3_000 }),
      one: chance,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('wait'), time: fc.nat({ max: 8_000 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('check'), which: fc.nat(), up: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('update'), keep: fc.subarray(names, { minLength: 1 }) }) },
)

/** What the rules say, from what is shown of each endpoint. */
function expected({ endpoints }: BalanceSnapshot): { panic: boolean; available: string[] } {
  const available = endpoints.filter(({ state }) => state === 'available' || state === 'rising')
  const well = available.filter(({ failuresInARow }) => failuresInARow < 5)
  const panic = endpoints.length > 1 && (available.length === 0 || well.length * 2 < endpoints.length)
  return { panic, available: available.map(({ endpoint }) => endpoint) }
}

test('in any life, only endpoints that are available are picked, or in panic any; and every count is right', () => {
  const reached = { panic: 0, avoided: 0, left: 0, ejected: 0 }
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.array(step, { minLength: 40, maxLength: 200, size: 'max' }),
      (weighted, steps) => {
        const balancer = new Balancer(names, weighted ? { weights: { a: 4, c: 0.5 } } : {})
        let current: readonly string[] = names
        let underWay: Endpoint[] = []
        let now = 0
        const at = (which: number): string => current[which % current.length]!
        for (const each of steps) {
          if (each.kind === 'wait') now += each.time
          else if (each.kind === 'check') balancer.healthChecked(at(each.which), each.up, now)
          else if (each.kind === 'fail') {
            const endpoint = balancer.find(at(each.which))!
            for (let i = 0; i < each.times; i++) balancer.ended(endpoint, 'failure', 1, now, each.one)
            underWay = without(underWay, endpoint, each.times)
          } else if (each.kind === 'end' && underWay.length > 0) {
            const [endpoint] = underWay.splice(each.which % underWay.length, 1)
            balancer.ended(endpoint!, each.outcome, each.rtt, now, each.one)
            if (!endpoint!.member) reached.left++
          } else if (each.kind === 'update') {
            current = each.keep
            balancer.update(current, now)
          } else if (each.kind === 'pick') {
            const { panic, available } = expected(balancer.snapshot(now))
            const from = panic || current.length === 1 ? current : available
            const avoid = current[each.avoid]
            const picked = balancer.pick(
              now,
              each.one,
              each.two,
              avoid === undefined ? undefined : balancer.find(avoid),
            )
            expect(from).toContain(picked.name)
            if (avoid !== undefined && from.some((name) => name !== avoid)) {
              reached.avoided++
              expect(picked.name).not.toBe(avoid)
            }
            balancer.started(picked, now)
            underWay.push(picked)
          }
          const snapshot = balancer.snapshot(now)
          const { panic, available } = expected(snapshot)
          expect(snapshot).toMatchObject({ panic, available: available.length })
          for (const { endpoint, inFlight, state } of snapshot.endpoints) {
            expect(inFlight).toBe(underWay.filter((one) => one === balancer.find(endpoint)).length)
            if (state === 'ejected') reached.ejected++
          }
          if (panic) reached.panic++
        }
      },
    ),
    { numRuns: 200 },
  )
  // Lives without events would prove nothing.
  for (const [what, times] of Object.entries(reached)) expect([what, times >= 50]).toEqual([what, true])
})

/** The list without the first few of an endpoint. */
function without(list: readonly Endpoint[], endpoint: Endpoint, times: number): Endpoint[] {
  let left = times
  return list.filter((one) => one !== endpoint || left-- <= 0)
}
