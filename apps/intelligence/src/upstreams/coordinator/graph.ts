/** Which nodes may run, and which of them next. Pure: states in, decision out. */
import type { Problem } from '../refusal.ts'
import type { Strategy } from './schemas.ts'

export interface GraphNode {
  readonly id: string
  readonly dependencies: readonly string[]
  /** 0 to 1000; with PRIORITY the highest goes first. */
  readonly priority: number
}

export type NodeStatus = 'PENDING' | 'ASSIGNED' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'SKIPPED' | 'RETRYING'

/** Everything about the graph that makes it impossible to run. */
export function findGraphProblems(nodes: readonly GraphNode[], strategy: Strategy): Problem[] {
  const problems: Problem[] = []
  const at = (index: number, field: string, message: string): void => {
    problems.push({ path: ['workflow_nodes', index, field], message })
  }
  const ids = new Set<string>()
  nodes.forEach(({ id }, index) => {
    if (ids.has(id)) at(index, 'node_id', `node_id ${id} is used by more than one node`)
    ids.add(id)
  })
  nodes.forEach(({ dependencies }, index) => {
    for (const dependency of dependencies) {
      if (!ids.has(dependency))
        at(index, 'dependencies', `unknown dependency ${dependency}: no node has this node_id`)
    }
    if (strategy === 'PARALLEL' && dependencies.length > 0) {
      at(index, 'dependencies', 'PARALLEL starts every node at once and keeps no order; use DAG')
    }
  })
  const cycle = problems.length === 0 ? findCycle(nodes) : undefined
  if (cycle !== undefined) {
    problems.push({
      path: ['workflow_nodes'],
      message: `the dependencies form a cycle: ${cycle.join(' -> ')}`,
    })
  }
  return problems
}

/** The ids of a cycle, its first one again at the end; undefined when there is none. */
function findCycle(nodes: readonly GraphNode[]): string[] | undefined {
  // Takes nodes away whose dependencies are gone, until none is left or nothing moves.
  const left = new Map(nodes.map((node) => [node.id, node]))
  const waitsFor = new Map(nodes.map(({ id, dependencies }) => [id, new Set(dependencies)]))
  const neededBy = new Map<string, string[]>()
  for (const { id, dependencies } of nodes) {
    for (const dependency of new Set(dependencies))
      neededBy.set(dependency, [...(neededBy.get(dependency) ?? []), id])
  }
  const free = nodes.filter(({ dependencies }) => dependencies.length === 0).map(({ id }) => id)
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    left.delete(id)
    for (const dependent of neededBy.get(id) ?? []) {
      const waiting = waitsFor.get(dependent)!
      waiting.delete(id)
      if (waiting.size === 0) free.push(dependent)
    }
  }
  if (left.size === 0) return undefined
  // Whoever is left waits for somebody who is left, so following that leads round.
  const path: string[] = []
  let id = left.keys().next().value!
  while (!path.includes(id)) {
    path.push(id)
    id = left.get(id)!.dependencies.find((dependency) => left.has(dependency))!
  }
  return [...path.slice(path.indexOf(id)), id]
}

export interface Decision {
  readonly start: readonly string[]
  /** Nodes that will not run because another failed. */
  readonly skip: readonly string[]
  /** Whether nothing runs and nothing will. */
  readonly over: boolean
}

/**
 * What to do now. SEQUENTIAL and PRIORITY run one node at a time (in the order given, or the highest priority first);
 * the others run all that are ready, at most `width` at once. After a failure nothing new starts: what runs may end.
 */
export function decide(
  nodes: readonly GraphNode[],
  states: ReadonlyMap<string, NodeStatus>,
  strategy: Strategy,
  width: number,
): Decision {
  const inState = (...wanted: NodeStatus[]): GraphNode[] =>
    nodes.filter(({ id }) => wanted.includes(states.get(id)!))
  const running = inState('ASSIGNED', 'RUNNING', 'RETRYING').length
  const pending = inState('PENDING')
  if (inState('FAILED').length > 0) {
    return { start: [], skip: pending.map(({ id }) => id), over: running === 0 }
  }
  const ready = pending.filter(({ dependencies }) =>
    dependencies.every((id) => states.get(id) === 'COMPLETED'),
  )
  if (strategy === 'PRIORITY') ready.sort((a, b) => b.priority - a.priority)
  const places = (strategy === 'SEQUENTIAL' || strategy === 'PRIORITY' ? 1 : width) - running
  const start = ready.slice(0, Math.max(0, places)).map(({ id }) => id)
  return { start, skip: [], over: running === 0 && start.length === 0 }
}
