import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readDeadline, writeDeadline } from './header.ts'
import { isTooShort, remaining } from './remaining.ts'

const envoy = 'x-envoy-expected-rq-timeout-ms'

describe('reading', () => {
  test.each([
    ['1H', 3_600_000],
    ['2M', 120_000],
    ['3S', 3_000],
    ['1500m', 1_500],
    ['250u', 0.25],
    ['99999999n', 99.999999],
    ['0m', 0],
  ])('grpc-timeout %s', (text, left) => {
    const read = readDeadline('grpc-timeout', text)
    expect('left' in read ? read.left : read).toBeCloseTo(left, 9)
  })

  test.each([
    ['', 'not_a_number'],
    ['m', 'not_a_number'],
    ['-1m', 'not_a_number'],
    ['1.5S', 'not_a_number'],
    [' 1S', 'not_a_number'],
    ['1e3m', 'not_a_number'],
    ['٣S', 'not_a_number'],
    ['123456789m', 'too_many_digits'],
    ['100', 'unknown_unit'],
    ['1s', 'unknown_unit'],
    ['1S\n', 'not_a_number'],
  ])('grpc-timeout %j is ignored: %s', (text, ignored) => {
    expect(readDeadline('grpc-timeout', text)).toEqual({ ignored })
  })

  test('envoy: whole milliseconds and nothing else', () => {
    expect(readDeadline(envoy, '1500')).toEqual({ left: 1_500 })
    for (const text of ['', '1.5', '-1', '1500m', '1 ', 'soon'])
      expect(readDeadline(envoy, text)).toEqual({ ignored: 'not_a_number' })
    expect(readDeadline(envoy, '1'.repeat(16))).toEqual({ ignored: 'too_many_digits' })
  })
})

describe('writing', () => {
  test('takes the finest unit that has room', () => {
    expect(writeDeadline('grpc-timeout', 0.5)).toBe('500000n')
    expect(writeDeadline('grpc-timeout', 1_500)).toBe('1500000u')
    expect(writeDeadline('grpc-timeout', 600_000)).toBe('600000m')
    expect(writeDeadline('grpc-timeout', 1e12)).toBe('16666666M')
    expect(writeDeadline('grpc-timeout', 1e300)).toBe('99999999H')
    expect(writeDeadline(envoy, 1_500.9)).toBe('1500')
  })

  test('says nothing where there is no time, or no limit', () => {
    for (const header of ['grpc-timeout', envoy] as const)
      for (const left of [0, -1, NaN, Infinity]) expect(writeDeadline(header, left)).toBeUndefined()
    expect(writeDeadline(envoy, 0.9)).toBeUndefined()
    expect(writeDeadline('grpc-timeout', 1e-7)).toBeUndefined()
  })

  test('what is written can be read, and is never more than was left, nor much less', () => {
    const time = fc.double({ min: 1, max: 1e9, noNaN: true })
    fc.assert(
      fc.property(time, fc.constantFrom('grpc-timeout' as const, envoy), (left, header) => {
        const read = readDeadline(header, writeDeadline(header, left)!)
        if (!('left' in read)) throw new Error(`ignored: ${read.ignored}`)
        expect(read.left).toBeLessThanOrEqual(left * (1 + 1e-12))
        expect(read.left).toBeGreaterThan(left - (header === envoy ? 1 : left * 1e-4))
      }),
      { seed: 72 },
    )
  })
})

describe('what is left', () => {
  test('each attempt tells the server less; one that comes too late is not sent', () => {
    const deadline = 10_000 + 1_000
    const told = [10_000, 10_400, 10_900].map((now) => writeDeadline(envoy, remaining(deadline, now, 10)))
    expect(told).toEqual(['990', '590', '90'])
    expect(
      [10_900, 10_980, 11_000].map((now) => isTooShort(remaining(deadline, now, 10), { least: 20 })),
    ).toEqual([false, true, true])
    expect(writeDeadline(envoy, remaining(deadline, 11_000, 10))).toBeUndefined()
  })

  test('without a deadline there is always time, with none left never', () => {
    expect(remaining(undefined, 5)).toBe(Infinity)
    expect(isTooShort(Infinity, { least: 1e9 })).toBe(false)
    expect(isTooShort(0, {})).toBe(true)
  })

  test('the floor is the greater of `least` and what half of the answers need', () => {
    expect(isTooShort(30, { least: 5, typical: 40 })).toBe(true)
    expect(isTooShort(30, { least: 50, typical: 4 })).toBe(true)
    expect(isTooShort(30, { least: 5, typical: 30 })).toBe(false)
    expect(isTooShort(30, { least: 5, typical: undefined })).toBe(false)
  })
})
