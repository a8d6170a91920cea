import { expect, test } from 'vitest'
import type { Verdict } from '../observed.ts'
import { sumVerdicts } from './sum-verdicts.ts'

function verdict(kind: Verdict['kind'], level: Verdict['level'], text: string = kind): Verdict {
  return { kind, level, client: 'search', origin: null, text, evidence: [], suggestion: null }
}

test('the same in several processes is said once, with in how many, as the worst of them puts it', () => {
  const [first] = sumVerdicts([
    [verdict('queue_full', 'warn', 'a little')],
    [verdict('queue_full', 'critical', 'a lot')],
    [verdict('healthy', 'ok')],
  ])
  expect(first).toMatchObject({ level: 'critical', text: 'in 2 of 3 processes: a lot' })
  expect(first!.evidence).toEqual([{ name: 'processes', value: '2 of 3' }])
})

test('that all is well is said only where it is so everywhere; worst comes first', () => {
  const well = verdict('healthy', 'ok')
  const kinds = (processes: Verdict[][]): string[] => sumVerdicts(processes).map(({ kind }) => kind)
  expect(kinds([[well], [verdict('churn', 'warn'), verdict('breaker_open', 'critical')]])).toEqual([
    'breaker_open',
    'churn',
  ])
  expect(kinds([[well, verdict('churn', 'info')], [well]])).toEqual(['churn', 'healthy'])
})

test('one process speaks for itself', () => {
  const own = [verdict('churn', 'warn', 'as it is')]
  expect(sumVerdicts([own])).toEqual(own)
})
