import { expect, test } from 'vitest'
import { codingsOf } from './codings.ts'

test.each([
  [undefined, []],
  ['', []],
  ['identity', []],
  ['gzip', ['gzip']],
  ['X-GZIP', ['gzip']],
  ['deflate, br', ['br', 'deflate']],
  [' gzip ,, identity , zstd ', ['zstd', 'gzip']],
  [
    ['gzip', 'br'],
    ['br', 'gzip'],
  ],
] as const)('%j comes off as %j', (header, codings) => {
  expect(codingsOf(header)).toEqual(codings)
})

test.each([
  ['compress', 'content-encoding "compress" is not known'],
  ['gzip, aws-chunked', '"aws-chunked"'],
  ['constructor', '"constructor"'],
  [`x\u001b[31m${'y'.repeat(99)}`, '"x·[31my'],
  ['gzip, gzip, gzip, gzip', 'names 4 codings'],
])('%j is not undone, and the text says why', (header, why) => {
  expect(codingsOf(header)).toContain(why)
  expect(codingsOf(header)).not.toContain('\u001b')
  expect(codingsOf(header).length).toBeLessThan(120)
})
