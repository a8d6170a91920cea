import { expect, test } from 'vitest'
import { boundedRate, type Load, type Permission } from './load-bounds.ts'

const none: Permission = { allowLoad: undefined, unsafe: false }

function load(url: string, more: Partial<Load> = {}): Load {
  return {
    ...{
      url: new URL(url),
      method: 'GET',
      concurrency: 10,
      rate: undefined,
      duration: 5_000,
      requests: undefined,
    },
    ...more,
  }
}

test('this machine bears what it is asked to', () => {
  expect(boundedRate(load('http://127.0.0.1:1', { concurrency: 5_000, rate: 90_000 }), none)).toBeUndefined()
})

test('another one is kept at a modest rate', () => {
  expect(boundedRate(load('https://api.example.com'), none)).toBe(50)
  expect(boundedRate(load('https://api.example.com', { rate: 50 }), none)).toBe(50)
})

test.each([
  [{ concurrency: 11 }, '--concurrency 11'],
  [{ rate: 51 }, '--rate 51'],
  [{ duration: 61_000 }, '--duration in seconds 61'],
  [{ requests: 2_001 }, '--requests 2001'],
])('%j is too much for it, until that is allowed by its name', (more, complaint) => {
  const asked = load('https://api.example.com', more)
  expect(() => boundedRate(asked, none)).toThrow(complaint)
  expect(() => boundedRate(asked, none)).toThrow('--allow-load api.example.com')
  expect(boundedRate(asked, { ...none, allowLoad: 'api.example.com' })).toBeUndefined()
})

test('a permission for another host is none', () => {
  const asked = load('https://api.example.com')
  expect(() => boundedRate(asked, { ...none, allowLoad: 'example.com' })).toThrow('is another host')
})

test('what may change something is not sent many times unless that is meant', () => {
  const post = load('http://127.0.0.1:1', { method: 'POST' })
  expect(() => boundedRate(post, none)).toThrow('add --unsafe')
  expect(boundedRate(post, { ...none, unsafe: true })).toBeUndefined()
})
