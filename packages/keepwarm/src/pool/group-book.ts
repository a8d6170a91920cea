import type { EndpointGroups } from './groups.ts'
import { canonicalOrigin, dialTarget } from './origin-key.ts'

/** Which group a path of an origin belongs to. */
export class GroupBook {
  private readonly groups: EndpointGroups
  private readonly byOrigin = new Map<string, readonly Matcher[]>()

  constructor(groups: EndpointGroups) {
    this.groups = groups
  }

  /** @param key of the origin, as the pool has it. @param target path and query. */
  find(key: string, target: string): string | undefined {
    let matchers = this.byOrigin.get(key)
    if (matchers === undefined) this.byOrigin.set(key, (matchers = this.matchersOf(key)))
    if (matchers.length === 0) return undefined
    const query = target.indexOf('?')
    const path = query === -1 ? target : target.slice(0, query)
    for (const { name, exact, pattern } of matchers) {
      if (exact.has(path) || pattern?.test(path) === true) return name
    }
    return undefined
  }

  private matchersOf(key: string): readonly Matcher[] {
    const here = dialTarget(key).url.origin
    return Object.entries(this.groups)
      .filter(([, { origin }]) => origin === undefined || canonicalOrigin(String(origin)) === here)
      .map(([name, { paths }]) => matcher(name, paths))
  }
}

interface Matcher {
  readonly name: string
  readonly exact: ReadonlySet<string>
  readonly pattern: RegExp | undefined
}

function matcher(name: string, paths: readonly string[]): Matcher {
  const patterns = paths.filter((path) => path.includes('*')).map((path) => `(?:${patternOf(path)})`)
  return {
    name,
    exact: new Set(paths.filter((path) => !path.includes('*'))),
    pattern: patterns.length === 0 ? undefined : new RegExp(`^(?:${patterns.join('|')})$`),
  }
}

function patternOf(path: string): string {
  return path
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
}
