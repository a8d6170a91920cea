/** Which cores the measured client and its server have to themselves. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Cores {
  readonly client: number
  readonly server: number
}

/** The first two that this process may use; undefined where there is one, or no `taskset` to give them out. */
export function twoCores(): Cores | undefined {
  const [client, server] = allowedCores()
  if (client === undefined || server === undefined) return undefined
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  return { client, server }
}

/** The command that runs another one on one core; without a core the other one itself. */
export function onCore(
  core: number | undefined,
  command: string,
  args: readonly string[],
): [string, string[]] {
  return core === undefined ? [command, [...args]] : ['taskset', ['-c', String(core), command, ...args]]
}

function allowedCores(): number[] {
  try {
    const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? ''
    return coresIn(list)
  } catch {
    return []
  }
}

/** Of `0-2,5`. */
export function coresIn(list: string): number[] {
  return [...list.matchAll(/(\d+)(?:-(\d+))?/g)].flatMap(([, from, to = from]) =>
    Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => Number(from) + index),
  )
}
