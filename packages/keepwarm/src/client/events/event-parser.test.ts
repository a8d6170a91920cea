import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EventParser, type ServerSentEvent } from './event-parser.ts'

function parse(...parts: readonly string[]): ServerSentEvent[] {
  const parser = new EventParser('GET /x')
  return parts.flatMap((part) => parser.push(part))
}

const data = (text: string): ServerSentEvent => ({ event: 'message', data: text, id: '' })

test.each([
  ['data: a\n\n', [data('a')]],
  ['data:a\n\ndata:  b \n\n', [data('a'), data(' b ')]],
  ['data: YHOO\ndata: +2\ndata: 10\n\n', [data('YHOO\n+2\n10')]],
  ['data\n\ndata\ndata\n\ndata:', [data(''), data('\n')]],
  [': a comment\n\n:\ndata: a\n: another\n\n', [data('a')]],
  ['event: add\ndata: 1\n\ndata: 2\n\n', [{ ...data('1'), event: 'add' }, data('2')]],
  ['event: add\n\ndata: 2\n\n', [data('2')]],
  ['event:\ndata: 2\n\n', [data('2')]],
  [
    'id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n',
    [{ ...data('a'), id: '1' }, { ...data('b'), id: '1' }, data('c')],
  ],
  ['id: 7\n\ndata: a\n\n', [{ ...data('a'), id: '7' }]],
  ['id: a\u0000b\nid: \u001b\ndata: a\n\n', [data('a')]],
  ['retry: 10\ndata: a\n\ndata: b\n\n', [{ ...data('a'), retry: 10 }, data('b')]],
  ['retry: 1s\nretry: -1\nretry: \ndata: a\n\n', [data('a')]],
  ['Data: no\n data: no\ndata : no\nwhat: ever\n{"json":1}\n\n', []],
  ['data: never ended\n', []],
  ['data: a\r\n\r\ndata: b\r\rdata: c\n\r\ndata: d\r\n\n', [data('a'), data('b'), data('c'), data('d')]],
  ['data: :a:\n\n', [data(':a:')]],
])('%j', (text, events) => {
  expect(parse(text)).toEqual(events)
  expect(parse(...text.split(''))).toEqual(events)
  for (let at = 0; at <= text.length; at++) expect(parse(text.slice(0, at), text.slice(at))).toEqual(events)
})

/** The algorithm of the standard, line by line, over the whole text. */
function byTheBook(text: string): ServerSentEvent[] {
  const events: ServerSentEvent[] = []
  let [name, buffer, id] = ['', '', '']
  let retry: number | undefined
  const lines = text.split(/\r\n|\n|\r/)
  lines.pop() // not ended
  for (const line of lines) {
    if (line === '') {
      if (buffer !== '') {
        const event = { event: name || 'message', data: buffer.slice(0, -1), id }
        events.push(retry === undefined ? event : { ...event, retry })
      }
      ;[name, buffer, retry] = ['', '', undefined]
      continue
    }
    const [, field, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line)!
    if (field === 'event') name = value ?? ''
    if (field === 'data') buffer += `${value ?? ''}\n`
    if (field === 'id' && !/[\0\u0001]/.test(value ?? '')) id = value ?? ''
    if (field === 'retry' && /^[0-9]+$/.test(value ?? '')) retry = Number(value)
  }
  return events
}

test('whatever comes, wherever it is cut, is read as the standard says', () => {
  const piece = fc.constantFrom(
    ...[
      'data',
      'event',
      'id',
      'retry',
      ':',
      ': ',
      ' ',
      '\n',
      '\r',
      '\r\n',
      '\n\n',
      '7',
      'x',
      '€',
      '\u0000',
      '\u0001',
    ],
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.array(fc.nat(80)), (pieces, cuts) => {
      const text = pieces.join('')
      const ends = [...cuts.map((at) => Math.min(at, text.length)), text.length].sort((a, b) => a - b)
      const parts = ends.map((end, index) => text.slice(index === 0 ? 0 : ends[index - 1], end))
      expect(parse(...parts)).toEqual(byTheBook(text))
    }),
    { numRuns: 5_000 },
  )
})

test('it knows the last id that was complete, and what to wait', () => {
  const parser = new EventParser('it', '5')
  expect(parser.push('data: a\n\n')).toEqual([{ ...data('a'), id: '5' }])
  parser.push('id: 6\nretry: 500\ndata: b\n')
  expect(parser).toMatchObject({ lastId: '5', retry: 500 })
  parser.push('\n')
  expect(parser.lastId).toBe('6')
})

test.each([
  ['a line without an end', 'data: ', 'x'],
  ['an event without an end', '', 'data: x\n'],
  ['a comment without an end', ':', 'x'],
  ['a name without an end', 'event: ', 'x'],
])('%s does not fill the memory', (_, first, more) => {
  const parser = new EventParser('GET /x', '', 1_000)
  parser.push(first)
  const push = (): void => {
    for (let times = 0; times < 2_000; times++) parser.push(more)
  }
  expect(push).toThrow(
    expect.objectContaining({
      code: 'body_too_large',
      message: 'an event of GET /x is larger than 1000 characters (maxEventSize)',
    }),
  )
  const whole = new EventParser('GET /x', '', 1_000)
  expect(() => whole.push(`data: ${'x'.repeat(2_000)}\n\n`)).toThrow('maxEventSize')
  expect(new EventParser('it', '', 1_000).push('data: x\n\n'.repeat(2_000))).toHaveLength(2_000)
})

test('many lines in one part take time in proportion to them', () => {
  const text = 'data: x\n\n'.repeat(200_000)
  expect(new EventParser('it').push(text)).toHaveLength(200_000) // to look for a `\r` from each line on took minutes
})
