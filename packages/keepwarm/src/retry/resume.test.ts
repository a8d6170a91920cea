import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseContentRange } from './content-range.ts'
import { notResumedText, ResumableDownload, type Resumed, type ResponseHeaders } from './resume.ts'

const tag = '"v1"'
const first = { etag: tag, 'content-length': '1000' }

/** A download of 1000 bytes that broke off after so many. */
function brokenAt(delivered: number, headers: ResponseHeaders = first): ResumableDownload {
  const download = ResumableDownload.begin('GET', false, 200, headers)
  if (download === undefined) throw new Error('cannot be resumed')
  download.received(delivered)
  return download
}

describe('what can be resumed', () => {
  test.each([
    ['with a strong ETag', first],
    ['of unknown length', { etag: tag }],
    ['from a server that speaks of ranges', { ...first, 'accept-ranges': 'bytes' }],
    ['with an empty ETag', { etag: '""' }],
  ])('a GET %s', (_, headers) => {
    expect(ResumableDownload.begin('GET', false, 200, headers)).toBeDefined()
  })

  test.each([
    ['with a weak ETag', 200, { etag: 'W/"v1"' }],
    ['without an ETag', 200, { 'last-modified': 'Fri, 06 Nov 2026 08:50:07 GMT' }],
    ['with two ETags', 200, { etag: ['"a"', '"b"'] }],
    ['with a tag that is none', 200, { etag: 'v1' }],
    ['from a server that refuses ranges', 200, { ...first, 'accept-ranges': 'none' }],
    ['that is an error', 503, first],
    ['that is a part', 206, first],
  ])('not an answer %s', (_, status, headers) => {
    expect(ResumableDownload.begin('GET', false, status, headers)).toBeUndefined()
  })

  test('not what is no GET, or asks for a range of its own', () => {
    expect(ResumableDownload.begin('POST', false, 200, first)).toBeUndefined()
    expect(ResumableDownload.begin('HEAD', false, 200, first)).toBeUndefined()
    expect(ResumableDownload.begin('GET', true, 200, first)).toBeUndefined()
  })
})

describe('the next attempt', () => {
  test('asks for what is missing, of the same version only', () => {
    expect(brokenAt(400).nextHeaders()).toEqual({ range: 'bytes=400-', 'if-match': tag, 'if-range': tag })
  })

  test('is the first one again while nothing was delivered', () => {
    expect(brokenAt(0).nextHeaders()).toEqual({})
  })
})

/** What each answer means to a download of 1000 bytes, of which 400 were delivered. */
const answers: [string, number, ResponseHeaders, Resumed][] = [
  ['the rest', 206, { etag: tag, 'content-range': 'bytes 400-999/1000', 'content-length': '600' }, 'go_on'],
  ['the rest, in chunks', 206, { etag: tag, 'content-range': 'bytes 400-999/1000' }, 'go_on'],
  ['the rest of who knows how much', 206, { etag: tag, 'content-range': 'bytes 400-999/*' }, 'go_on'],
  ['a part of the rest', 206, { etag: tag, 'content-range': 'bytes 400-499/1000' }, 'go_on'],
  ['one byte too early', 206, { etag: tag, 'content-range': 'bytes 399-999/1000' }, 'wrong_range'],
  ['one byte too late', 206, { etag: tag, 'content-range': 'bytes 401-999/1000' }, 'wrong_range'],
  ['from the beginning', 206, { etag: tag, 'content-range': 'bytes 0-999/1000' }, 'wrong_range'],
  [
    'a range that ends before it begins',
    206,
    { etag: tag, 'content-range': 'bytes 400-399/1000' },
    'wrong_range',
  ],
  ['more than there is', 206, { etag: tag, 'content-range': 'bytes 400-1000/1000' }, 'wrong_range'],
  ['no Content-Range', 206, { etag: tag }, 'wrong_range'],
  [
    'two of them',
    206,
    { etag: tag, 'content-range': ['bytes 400-999/1000', 'bytes 0-1/1000'] },
    'wrong_range',
  ],
  [
    'a Content-Range of something else',
    206,
    { etag: tag, 'content-range': 'lines 400-999/1000' },
    'wrong_range',
  ],
  ['several parts', 206, { etag: tag, 'content-type': 'multipart/byteranges; boundary=x' }, 'wrong_range'],
  [
    'a length that contradicts the range',
    206,
    { etag: tag, 'content-range': 'bytes 400-999/1000', 'content-length': '1000' },
    'wrong_range',
  ],
  ['another total', 206, { etag: tag, 'content-range': 'bytes 400-999/2000' }, 'changed'],
  ['another version', 206, { etag: '"v2"', 'content-range': 'bytes 400-999/1000' }, 'changed'],
  ['a weak version', 206, { etag: 'W/"v1"', 'content-range': 'bytes 400-999/1000' }, 'changed'],
  ['no version', 206, { 'content-range': 'bytes 400-999/1000' }, 'unverified'],
  ['the whole again', 200, first, 'whole_again'],
  ['the whole, which has changed', 200, { etag: '"v2"' }, 'changed'],
  ['412', 412, {}, 'changed'],
  ['416 of a shorter one', 416, { 'content-range': 'bytes */300' }, 'changed'],
  ['416 of the same length', 416, { 'content-range': 'bytes */1000' }, 'changed'],
  ['416 that says nothing', 416, {}, 'wrong_range'],
  ['503', 503, {}, 'not_yet'],
  ['404', 404, {}, 'not_yet'],
]

describe('the answer', () => {
  test.each(answers)('%s (%d)', (_, status, headers, meaning) => {
    expect(brokenAt(400).answered(status, headers)).toBe(meaning)
  })

  test('200 begins again when nothing was delivered, and it is the same', () => {
    expect(brokenAt(0).answered(200, first)).toBe('start_over')
    expect(brokenAt(0).answered(200, { etag: tag })).toBe('start_over')
    expect(brokenAt(0).answered(200, { ...first, etag: '"v2"' })).toBe('changed')
    expect(brokenAt(0).answered(200, { ...first, 'content-length': '999' })).toBe('changed')
  })

  test('a part that nobody asked for is not taken', () => {
    expect(brokenAt(0).answered(206, { etag: tag, 'content-range': 'bytes 0-999/1000' })).toBe('wrong_range')
  })

  test('416 whose total was delivered says that only the end was lost', () => {
    const download = brokenAt(700, { etag: tag })
    expect(download.answered(416, { 'content-range': 'bytes */700' })).toBe('complete')
    expect(download.isWhole).toBe(true)
    expect(brokenAt(700, { etag: tag }).answered(416, { etag: '"v2"', 'content-range': 'bytes */700' })).toBe(
      'changed',
    )
  })

  test('the total that a part tells is held against the next', () => {
    const download = brokenAt(400, { etag: tag })
    expect(download.answered(206, { etag: tag, 'content-range': 'bytes 400-499/1000' })).toBe('go_on')
    download.received(100)
    expect(download.answered(206, { etag: tag, 'content-range': 'bytes 500-899/900' })).toBe('changed')
  })
})

test('more bytes than the answer promised are not delivered', () => {
  const download = brokenAt(400)
  expect(download.answered(206, { etag: tag, 'content-range': 'bytes 400-499/1000' })).toBe('go_on')
  expect(download.received(100)).toBe(true)
  expect(download.received(1)).toBe(false)
  expect(download.position).toBe(500)
  expect(download.isWhole).toBe(false)
})

test('what ends before its length is not whole', () => {
  expect(brokenAt(999).isWhole).toBe(false)
  expect(brokenAt(1_000).isWhole).toBe(true)
  expect(brokenAt(5, { etag: tag }).isWhole).toBe(true) // nobody knows its length but the end of the answer
})

test.each([
  ['bytes 0-0/1', { first: 0, last: 0, total: 1 }],
  ['Bytes 5-9/*', { first: 5, last: 9, total: undefined }],
  ['bytes */0', { first: undefined, last: undefined, total: 0 }],
  ['bytes */*', undefined],
  ['bytes 1-2', undefined],
  ['bytes -1-2/3', undefined],
  ['bytes 1 - 2/3', undefined],
  ['bytes=1-2/3', undefined],
  ['bytes 1-2/3, bytes 1-2/3', undefined],
  ['bytes 0x1-2/3', undefined],
  [`bytes 0-${'9'.repeat(30)}/*`, undefined],
  ['', undefined],
  [undefined, undefined],
])('Content-Range %j', (value, range) => {
  expect(parseContentRange(value)).toEqual(range)
})

test('whatever the server does, the bytes that are delivered are those of the file, in their order', () => {
  const file = Array.from({ length: 60 }, (_, index) => index)
  const answer = fc.record({
    status: fc.constantFrom(200, 206, 206, 206, 206, 412, 416, 503),
    shift: fc.constantFrom(0, 0, 0, 0, -1, 1, -5),
    tag: fc.constantFrom(tag, tag, tag, tag, '"v2"', undefined),
    total: fc.constantFrom('60', '60', '*', '61'),
    breaksAfter: fc.nat(30),
  })
  let resumed = 0
  fc.assert(
    fc.property(fc.nat(59), fc.array(answer, { maxLength: 12 }), (start, steps) => {
      const download = brokenAt(0, { etag: tag, 'content-length': '60' })
      const got: number[] = []
      const take = (from: number, count: number): void => {
        for (const byte of file.slice(from, from + count)) if (download.received(1)) got.push(byte)
      }
      take(0, start)
      for (const step of steps) {
        const from = Math.max(0, download.position + step.shift)
        const said = `bytes ${from}-59/${step.total}`
        const meaning = download.answered(step.status, { etag: step.tag, 'content-range': said })
        if (meaning === 'start_over') take(0, step.breaksAfter)
        else if (meaning === 'go_on') take(from, step.breaksAfter)
        else if (meaning !== 'not_yet') break
        if (meaning === 'go_on') resumed++
      }
      expect(got).toEqual(file.slice(0, got.length))
    }),
    { numRuns: 4_000, seed: 4_970 },
  )
  expect(resumed).toBeGreaterThan(500)
})

test('every reason can be put in words', () => {
  for (const text of Object.values(notResumedText)) expect(text).toMatch(/^[a-z][^.]+$/)
})
