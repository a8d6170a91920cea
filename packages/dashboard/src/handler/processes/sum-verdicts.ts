/** What is wrong in several processes: the same in many is said once, with in how many. Pure. */
import type { Verdict } from '../observed.ts'

const ranks: Readonly<Record<string, number>> = { critical: 3, warn: 2, info: 1, ok: 0 }

/** Worst first. That all is well is said only where it is so everywhere. */
export function sumVerdicts(processes: readonly (readonly Verdict[])[]): Verdict[] {
  const alike = Map.groupBy(processes.flat(), nameOf)
  const all = Array.from(alike.values(), (verdicts) => together(verdicts, processes.length))
  const isWrong = all.some(({ level }) => level === 'warn' || level === 'critical')
  return all.filter(({ level }) => level !== 'ok' || !isWrong).sort((a, b) => rank(b.level) - rank(a.level))
}

function together(verdicts: readonly Verdict[], of: number): Verdict {
  const worst = verdicts.reduce((a, b) => (rank(b.level) > rank(a.level) ? b : a))
  if (of === 1) return worst
  const where = verdicts.length === of ? `all ${of} processes` : `${verdicts.length} of ${of} processes`
  const evidence = [...worst.evidence, { name: 'processes', value: `${verdicts.length} of ${of}` }]
  return { ...worst, text: `in ${where}: ${worst.text}`, evidence }
}

function nameOf({ kind, client, origin, group }: Verdict): string {
  return JSON.stringify([kind, client, origin, group ?? null])
}

function rank(level: string): number {
  return ranks[level] ?? 2
}
