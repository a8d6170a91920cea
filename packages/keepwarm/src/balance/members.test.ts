import { expect, test } from 'vitest'
import { Balancer } from './balancer.ts'
import { Members } from './members.ts'

test('the crowd is what is under way at an endpoint of weight 1, on average', () => {
  const members = new Members(1, { a: 3 })
  members.replace(['a', 'b'], undefined, 0, () => {})
  members.inFlight = 8
  members.find('a')!.inFlight = 6
  members.find('b')!.inFlight = 2
  expect(members.crowd).toBe(2)
  members.replace(['b', 'c'], undefined, 0, () => {})
  expect(members.crowd).toBe(1)
  expect(members.inFlight).toBe(2)
})

test('who leaves is told, once, and only who leaves', () => {
  const members = new Members(1, {})
  const left: string[] = []
  for (const names of [['a', 'b', 'c'], ['c', 'd'], ['d']])
    members.replace(names, undefined, 0, ({ name }) => left.push(name))
  expect(left).toEqual(['a', 'b', 'c'])
  expect([members.only?.name, members.size, members.well]).toEqual(['d', 1, 1])
})

test('what ends at one that left is not counted among the others', () => {
  const balancer = new Balancer(['a', 'b', 'c'])
  const [a, b, c] = ['a', 'b', 'c'].map((name) => balancer.find(name)!)
  for (const endpoint of [b!, c!]) balancer.ended(endpoint, 'success', 100, 0, 0)
  for (let i = 0; i < 10; i++) balancer.started(a!, 0)
  balancer.update(['b', 'c'], 0)
  for (let i = 0; i < 10; i++) balancer.ended(a!, 'success', 1, 0, 0)
  balancer.ended(b!, 'failure', 1, 0, 0)
  // A crowd below nothing would make a failing endpoint the best one.
  for (let i = 0; i < 3; i++) balancer.ended(b!, 'failure', 1, 0, 0)
  expect(balancer.pick(0, 0.1, 0.1)).toBe(c)
  expect(balancer.pick(0, 0.9, 0.9)).toBe(c)
})
