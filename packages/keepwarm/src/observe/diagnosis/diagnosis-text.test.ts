import { expect, test } from 'vitest'
import { diagnosisText } from './diagnosis-text.ts'
import type { Verdict } from './verdict.ts'

const full: Verdict = {
  kind: 'pool_exhausted',
  level: 'critical',
  client: 'search',
  origin: 'http://search:8055',
  text: 'no free connection to http://search:8055 for 38 s: 20 of 20 in use, 14 waiting, the oldest for 6.2 s; the service is slow',
  cause: 'slow_dependency',
  evidence: [
    { name: 'waiting', value: '14, the oldest for 6.2 s' },
    { name: 'blocked by', value: 'maxConnections, 20' },
  ],
  suggestion: { text: 'Look at the service.', env: 'SEARCH_HTTP_CLIENT_ATTEMPT_TIMEOUT=2s' },
  includes: ['queue_full'],
}

test('a verdict in a terminal: what, why, and what to copy', () => {
  expect(diagnosisText([full])).toBe(`CRITICAL  pool_exhausted  search
  no free connection to http://search:8055 for 38 s: 20 of 20 in use, 14 waiting, the oldest for
  6.2 s; the service is slow
    waiting     14, the oldest for 6.2 s
    blocked by  maxConnections, 20
    comes with queue_full
  → Look at the service.
      SEARCH_HTTP_CLIENT_ATTEMPT_TIMEOUT=2s`)
})

test('what is well is one line', () => {
  const well: Verdict = { ...full, kind: 'healthy', level: 'ok', text: 'nothing is wrong', suggestion: null }
  expect(diagnosisText([well])).toBe('OK        nothing is wrong')
})

test('the worst six are shown, and how many are left', () => {
  expect(diagnosisText(Array.from({ length: 9 }, () => full))).toMatch(/\n\nand 3 more$/)
})

test('nobody writes lines or colours of their own into a terminal', () => {
  const text = diagnosisText([{ ...full, text: 'a\nb\u001b[31mc', client: 'x\r\ny' }])
  expect(text).toContain('a·b·[31mc')
  expect(text).toContain('x··y')
})
