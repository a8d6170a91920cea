/** Responses whose body nobody reads on in, each of which holds a connection. Whoever reads slowly, but reads, is none. */
import { connectionLimit, ownerOfPool, type OriginCase } from '../origin-case.ts'
import { LEAK_SHARE } from '../thresholds.ts'
import { suggest } from '../variables.ts'
import type { Evidence, Finding, Suggestion } from '../verdict.ts'
import { count, duration } from '../words.ts'

export function bodyLeak(one: OriginCase): Finding | undefined {
  const { now, done, origin, client } = one
  const leaked = now.stalled.leaked
  if (leaked === 0 && done.leaks === 0) return undefined
  const { most } = connectionLimit(one)
  const isMany = leaked >= most * LEAK_SHARE || (leaked > 0 && now.waiting > 0 && now.connections >= most)
  const text =
    leaked === 0
      ? `${count(done.leaks, 'response')} of ${origin} went unread for long and held a connection in the last ${duration(done.ms)}`
      : `nobody reads on in ${count(leaked, 'response')} of ${origin}, the oldest for ${duration(now.stalled.oldest)}: ` +
        `they hold ${leaked} of ${count(most, 'connection')}`
  return {
    kind: 'body_leak',
    level: isMany ? 'critical' : 'warn',
    client,
    origin,
    text,
    cause: 'leak',
    evidence: leakEvidence(one),
    suggestion: leakSuggestion(one),
  }
}

export function leakEvidence({ now, done, holders }: OriginCase): Evidence[] {
  const { stalled } = now
  const unread = holders.filter(({ stalledFor }) => stalledFor > 0).slice(0, 3)
  return [
    { name: 'responses nobody reads', value: `${stalled.count}, the oldest for ${duration(stalled.oldest)}` },
    ...(done.leaks > 0 ? [{ name: 'newly reported as leaks', value: String(done.leaks) }] : []),
    ...unread.map(({ method, path, heldFor, stack }, index) => ({
      name: `unread ${index + 1}`,
      value: `${method} ${path}, held for ${duration(heldFor)}${stack == null ? '' : `, asked for ${firstLine(stack)}`}`,
    })),
  ]
}

export function leakSuggestion(one: OriginCase): Suggestion {
  const code = 'await response.discard() // or read it to its end: .json(), .text(), .bytes()'
  const text = 'Read every response to its end, or discard it, also where only its status is of interest.'
  if (one.holders.some(({ stack }) => stack != null)) return { text, code }
  const where = ' To see where they were asked for, record it for a while.'
  return { ...suggest(text + where, ownerOfPool(one), [{ option: 'leakStacks', value: true }]), code }
}

function firstLine(stack: string): string {
  return stack.split('\n', 1)[0]!.trim()
}
