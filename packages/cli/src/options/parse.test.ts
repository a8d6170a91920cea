import { InvalidArgumentError } from 'commander'
import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'
import { duration, httpUrl, number, oneOf, several, share, wholeNumber } from './parse.ts'

test.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['1.5m', 90_000],
  ['2h', 7_200_000],
  ['30', 30_000],
  ['.25', 250],
  ['1.001s', 1_001],
])('a duration: %s is %d ms', (text, milliseconds) => {
  expect(duration()(text)).toBe(milliseconds)
})

test.each(['', 'soon', '5 days', '-1s', '1e3', 's', '0x10', '1.5.2'])('no duration: %j', (text) => {
  expect(() => duration()(text)).toThrow(InvalidArgumentError)
})

test('a duration that is too short is told from where on it is allowed', () => {
  expect(() => duration(100)('99ms')).toThrow('from 100ms')
  expect(duration(100)('100ms')).toBe(100)
})

test('whole numbers have bounds, and both are told', () => {
  expect(wholeNumber({ min: 1, max: 9 })(' 9 ')).toBe(9)
  for (const text of ['0', '10', '1.5', 'x', '']) {
    expect(() => wholeNumber({ min: 1, max: 9 })(text)).toThrow('a whole number from 1 to 9')
  }
  expect(() => wholeNumber()('-1')).toThrow('from 0.')
})

test('numbers may have a fraction', () => {
  expect(number()('0.5')).toBe(0.5)
  expect(() => number()('1e5')).toThrow('a number from 0')
})

test('a share is a fraction or per cent', () => {
  expect([share()('0.05'), share()('5%'), share()('100 %'), share()('1')]).toEqual([0.05, 0.05, 1, 1])
  for (const text of ['1.1', '101%', 'half', '%']) expect(() => share()(text)).toThrow('0.05 or 5%')
})

test('one of some words: all are told, and the nearest', () => {
  const read = oneOf(['latency', 'rate', 'name'])
  expect(read('rate')).toBe('rate')
  expect(() => read('latncy')).toThrow('Allowed: latency, rate, name. Did you mean latency?')
  expect(() => read('x')).toThrow(/name\.$/)
})

test('a URL is http unless it says otherwise, and carries no credentials', () => {
  expect(httpUrl()('localhost:9090/x').href).toBe('http://localhost:9090/x')
  expect(httpUrl()('https://a/').href).toBe('https://a/')
  for (const text of ['ftp://a', 'http://', ' ', 'http://a b'])
    expect(() => httpUrl()(text)).toThrow('http or https URL')
  expect(() => httpUrl()('http://me:hush@a/')).toThrow(/must not have a user or password/)
})

test('several are kept in their order', () => {
  const read = several(wholeNumber())
  expect(read('2', read('1', undefined))).toEqual([1, 2])
})

test('the nearest word has few other letters, or is the only one that begins so', () => {
  const words = ['outage', 'hang', 'slow', 'errors']
  expect(nearest('outrage', words)).toBe('outage')
  expect(nearest('HANG', words)).toBe('hang')
  expect(nearest('wran', ['critical', 'warn'])).toBe('warn')
  expect(nearest('err', words)).toBe('errors')
  expect(nearest('', words)).toBeUndefined()
  expect(nearest('quiet', words)).toBeUndefined()
})
