import { expect, test } from 'vitest'
import { nextSpan, readTraceparent, writeTraceparent } from './traceparent.ts'

const header = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

test('a header is read and written as it was', () => {
  const context = readTraceparent(header)
  expect(context).toEqual({
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b7',
    sampled: true,
  })
  expect(writeTraceparent(context!)).toBe(header)
})

test.each([
  undefined,
  '',
  'nonsense',
  header.toUpperCase(),
  header.replace('4bf92f3577b34da6a3ce929d0e0e4736', '0'.repeat(32)),
  header.replace('00f067aa0ba902b7', '0'.repeat(16)),
  header.replace(/^00/, 'ff'),
  `${header}-more`,
  `${header}, ${header}`,
])('%s says nothing', (text) => {
  expect(readTraceparent(text)).toBeUndefined()
})

test('a later version is read as far as it is known', () => {
  expect(readTraceparent(`cc${header.slice(2)}-what-the-future-brings`)).toMatchObject({ sampled: true })
})

test('the next part keeps the trace and has an id of its own; without a parent it begins a trace', () => {
  let count = 0
  const random = (bytes: number): Buffer => Buffer.alloc(bytes, ++count)
  const parent = readTraceparent(header)
  expect(nextSpan(parent, random)).toEqual({ ...parent, spanId: '01'.repeat(8) })
  expect(nextSpan(undefined, random)).toEqual({
    traceId: '02'.repeat(16),
    spanId: '03'.repeat(8),
    sampled: false,
  })
  expect(nextSpan(undefined, (bytes) => Buffer.alloc(bytes)).spanId).toBe('0000000000000001')
})
