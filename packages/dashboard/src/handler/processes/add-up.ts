/**
 * Adds up what several processes say of the same thing, whatever it is made of: numbers add, but for those that are the
 * longest, the first or the worst of all; what only some of them have is kept. The order does not matter, and neither does
 * whether all are added at once or in parts.
 */

export type Json = unknown
type Record_ = Readonly<Record<string, Json>>

/** The largest of all: moments, durations of what goes on now, and what tells how bad the worst is. */
const largest: ReadonlySet<string> = new Set([
  ...['at', 'uptime', 'p50', 'p95', 'p99', 'max', 'oldest', 'oldestWait', 'waitingFor', 'failedInARow'],
  ...['retryAfter', 'p50_duration_ms', 'p99_duration_ms'],
])
/** The smallest of all. */
const smallest: ReadonlySet<string> = new Set(['since', 'serverIdle'])
/** The same in all of them, or nothing that can be added. */
const same: ReadonlySet<string> = new Set([
  ...['version', 'id', 'pid', 'poolId'],
  ...['idleTimeout', 'maxIdleTimeout', 'maxConnectionAge', 'maxRequestsPerConnection', 'leakAfter'],
])
/** No limit in one is no limit in all. */
const limits: ReadonlySet<string> = new Set(['limit', 'maxQueue', 'maxDials', 'maxConnectionsPerAddress'])

/** Whose fields are named by what happened, so that their names say nothing about how to add them. */
const tallies: ReadonlySet<string> = new Set([
  ...['ended', 'attemptsEnded', 'byReason', 'suppressed', 'operations'],
  ...['failed', 'closed', 'dialedFor', 'refused'],
])

/** Lists of things that have a name: those of the same name are added up. */
export type Names = Readonly<Record<string, (item: Record_) => string>>

/** What cannot be done field by field. */
export type Special = Readonly<Record<string, (values: readonly Json[]) => Json>>

export class AddUp {
  private readonly names: Names
  private readonly special: Special

  constructor(names: Names, special: Special) {
    this.names = names
    this.special = special
  }

  /** @param field what it is called where it stands */
  sum(values: readonly Json[], field = ''): Json {
    const special = this.special[field]
    if (special !== undefined) return special(values)
    const given = values.filter((value) => value !== undefined && value !== null)
    if (limits.has(field) && given.length < values.length) return null
    if (given.length === 0) return values.length === 0 ? undefined : values[0]
    const [first] = given
    if (same.has(field) || typeof first === 'string' || typeof first === 'boolean') return first
    if (typeof first === 'number') return number(given as number[], field)
    if (Array.isArray(first)) return this.list(given as Json[][], field)
    return this.fields(given as Record_[], tallies.has(field) ? `${field}.` : '')
  }

  /** All fields that any of them has. `within`: stands before their names, where these say nothing by themselves. */
  fields(values: readonly Record_[], within = ''): Record_ {
    const names = new Set(values.flatMap((value) => Object.keys(value)))
    return Object.fromEntries(
      Array.from(names, (name) => {
        const having = values.filter((value) => Object.hasOwn(value, name))
        const field = within === '' ? name : `${within}*`
        return [
          name,
          this.sum(
            having.map((value) => value[name]),
            field,
          ),
        ] as const
      }),
    )
  }

  private list(lists: readonly Json[][], field: string): Json {
    const nameOf = this.names[field]
    if (nameOf === undefined) return [...new Set(lists.flat())]
    const byName = Map.groupBy(lists.flat() as Record_[], nameOf)
    return Array.from(byName.values(), (items) =>
      items.length === 1 ? items[0] : this.sum(items, `${field}[]`),
    )
  }
}

function number(values: readonly number[], field: string): number {
  if (largest.has(field)) return Math.max(...values)
  if (smallest.has(field)) return Math.min(...values)
  return values.reduce((sum, value) => sum + value, 0)
}
