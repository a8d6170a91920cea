import { expect, test } from 'vitest'
import { readEvent, readService, readSetting } from './parse-scenario.ts'

test.each([
  ['outage@20s+10s', { kind: 'outage', at: 20_000, for: 10_000 }],
  ['hang@0+500ms', { kind: 'hang', at: 0, for: 500 }],
  ['slow@1m+10s,factor=2.5', { kind: 'slow', at: 60_000, for: 10_000, factor: 2.5 }],
  ['errors@5s+5s,share=50%,status=429', { kind: 'errors', at: 5_000, for: 5_000, share: 0.5, status: 429 }],
  ['errors@5s+5s', { kind: 'errors', at: 5_000, for: 5_000 }],
])('%s is an event', (text, event) => {
  expect(readEvent(text)).toEqual(event)
})

test.each([
  ['outage', 'hang@20s+10s'],
  ['outrage@1s+1s', 'Did you mean outage?'],
  ['hang@soon+1s', 'a duration such as'],
  ['hang@1s+0', 'from 1ms'],
  ['slow@1s+1s', 'How slow?'],
  ['slow@1s+1s,share=5%', 'behind slow@…: factor=…'],
  ['hang@1s+1s,factor=2', 'behind hang@…: nothing'],
  ['errors@1s+1s,status=99', 'from 200 to 599'],
  ['errors@1s+1s,share=2', 'up to 1 or 100%'],
])('%s is none, and it is said why', (text, message) => {
  expect(() => readEvent(text)).toThrow(message)
})

test('the time of a service: fixed or by chance', () => {
  expect(readService('100ms')).toEqual({ kind: 'fixed', times: [100] })
  expect(readService('exp:0.1s')).toEqual({ kind: 'exp', times: [100] })
  expect(readService('lognormal:80ms,400ms')).toEqual({ kind: 'lognormal', times: [80, 400] })
  for (const text of [
    'exp:0ms',
    'lognormal:80ms',
    'lognormal:400ms,80ms',
    'exponential:1s',
    'constructor:1s',
    'x',
  ])
    expect(() => readService(text), text).toThrow('lognormal:80ms,400ms')
})

test('a setting is a variable; a prefix in front of it is not needed', () => {
  expect(readSetting('MAX_RETRIES=0')).toEqual({ name: 'MAX_RETRIES', value: '0' })
  expect(readSetting('SEARCH_HTTP_CLIENT_MAX_RETRIES = 0')).toEqual({ name: 'MAX_RETRIES', value: '0' })
  for (const text of ['MAX_RETRIES', 'retries=0', 'MAX_RETRIES=', '=1'])
    expect(() => readSetting(text), text).toThrow('without its prefix')
})
