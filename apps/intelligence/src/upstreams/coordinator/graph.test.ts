import { describe, expect, test } from 'vitest'
import { decide, findGraphProblems, type GraphNode, type NodeStatus } from './graph.ts'

const node = (id: string, dependencies: string[] = [], priority = 100): GraphNode => ({
  id,
  dependencies,
  priority,
})
const states = (given: Record<string, NodeStatus>): Map<string, NodeStatus> => new Map(Object.entries(given))
const messages = (nodes: GraphNode[], strategy: 'DAG' | 'PARALLEL' = 'DAG'): string[] =>
  findGraphProblems(nodes, strategy).map(({ message }) => message)

describe('findGraphProblems', () => {
  test('finds nothing wrong with a diamond', () => {
    expect(messages([node('d', ['b', 'c']), node('b', ['a']), node('c', ['a']), node('a')])).toEqual([])
  })

  test('names the cycle', () => {
    expect(messages([node('x'), node('a', ['c']), node('b', ['a']), node('c', ['b', 'x'])])).toEqual([
      'the dependencies form a cycle: a -> c -> b -> a',
    ])
    expect(messages([node('a', ['a'])])).toEqual(['the dependencies form a cycle: a -> a'])
  })

  test('names unknown dependencies, ids used twice, and dependencies that PARALLEL would ignore', () => {
    expect(messages([node('a', ['ghost']), node('a')])).toEqual([
      'node_id a is used by more than one node',
      'unknown dependency ghost: no node has this node_id',
    ])
    expect(messages([node('a'), node('b', ['a'])], 'PARALLEL')[0]).toContain('use DAG')
  })
})

describe('decide', () => {
  const diamond = [node('a'), node('b', ['a']), node('c', ['a'], 900), node('d', ['b', 'c'])]
  const after = { a: 'COMPLETED', b: 'PENDING', c: 'PENDING', d: 'PENDING' } as const

  test('starts what is ready, up to the width', () => {
    expect(decide(diamond, states(after), 'DAG', 16).start).toEqual(['b', 'c'])
    expect(decide(diamond, states(after), 'DAG', 1).start).toEqual(['b'])
    expect(decide(diamond, states({ ...after, b: 'RUNNING' }), 'DAG', 2).start).toEqual(['c'])
  })

  test('one at a time: in the order given, or the highest priority first', () => {
    expect(decide(diamond, states(after), 'SEQUENTIAL', 16).start).toEqual(['b'])
    expect(decide(diamond, states(after), 'PRIORITY', 16).start).toEqual(['c'])
    expect(decide(diamond, states({ ...after, c: 'RETRYING' }), 'PRIORITY', 16).start).toEqual([])
  })

  test('after a failure starts nothing, skips the rest, and is over when the last one ends', () => {
    const failed = { ...after, b: 'FAILED', c: 'RUNNING' } as const
    expect(decide(diamond, states(failed), 'DAG', 16)).toEqual({ start: [], skip: ['d'], over: false })
    expect(decide(diamond, states({ ...failed, c: 'COMPLETED', d: 'SKIPPED' }), 'DAG', 16).over).toBe(true)
  })

  test('is over when all are done', () => {
    const done = { a: 'COMPLETED', b: 'COMPLETED', c: 'COMPLETED', d: 'COMPLETED' } as const
    expect(decide(diamond, states(done), 'DAG', 16)).toEqual({ start: [], skip: [], over: true })
  })
})
