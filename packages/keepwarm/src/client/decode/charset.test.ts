import fc from 'fast-check'
import { expect, test } from 'vitest'
import { charsetOf, decodeText, TextReader } from './charset.ts'

test.each([
  [undefined, undefined],
  ['application/json', undefined],
  ['text/plain; charset=utf-8', undefined],
  ['text/plain;charset=UTF8', undefined],
  ['text/plain; charset=""', undefined],
  ['text/html; charset=ISO-8859-1', 'iso-8859-1'],
  ['text/html; Charset = "windows-1252" ; x=y', 'windows-1252'],
  ['text/html; x="charset"; charset=shift_jis', 'shift_jis'],
  ['text/html; my-charset=koi8-r', undefined],
])('%j names %j', (contentType, label) => {
  expect(charsetOf(contentType)).toBe(label)
})

const odd = 'käse €'
const bytes = {
  'windows-1252': Buffer.from([0x6b, 0xe4, 0x73, 0x65, 0x20, 0x80]),
  'utf-16le': Buffer.from(odd, 'utf16le'),
  'utf-16be': Buffer.from(odd, 'utf16le').swap16(),
} as const

test.each(Object.entries(bytes))('%s is read as what it is', (label, body) => {
  expect(decodeText(body, label, 'it')).toBe(odd)
})

test('a byte order mark counts more than the label, and is no part of the text', () => {
  for (const label of [undefined, 'windows-1252', 'utf-16le', 'no-such']) {
    expect(decodeText(Buffer.from(`\ufeff${odd}`), label, 'it')).toBe(odd)
    expect(decodeText(Buffer.concat([Buffer.of(0xff, 0xfe), bytes['utf-16le']]), label, 'it')).toBe(odd)
    expect(decodeText(Buffer.concat([Buffer.of(0xfe, 0xff), bytes['utf-16be']]), label, 'it')).toBe(odd)
  }
  expect(decodeText(Buffer.alloc(0), undefined, 'it')).toBe('')
})

test('a charset that nobody knows is named', () => {
  const unknown = { code: 'decode', phase: 'body', message: expect.stringContaining('"klingon·"') as string }
  expect(() => decodeText(Buffer.from('x'), 'klingon\u001b', 'GET /x')).toThrow(
    expect.objectContaining(unknown),
  )
  expect(() => new TextReader('klingon\u001b', 'GET /x')).toThrow(expect.objectContaining(unknown))
})

test('a text in parts is the text, whatever its charset, marked or not, wherever it is cut', () => {
  const marks = { 'utf-8': [0xef, 0xbb, 0xbf], 'utf-16le': [0xff, 0xfe], 'utf-16be': [0xfe, 0xff] } as const
  const labels = [undefined, 'utf-16le', 'utf-16be', 'windows-1252', 'koi8-r'] as const
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 12 }),
      fc.constantFrom(...labels),
      fc.option(fc.constantFrom(...(Object.keys(marks) as (keyof typeof marks)[]))),
      fc.array(fc.nat(14)),
      (content, label, mark, cuts) => {
        const body = Buffer.from([...(mark === null ? [] : marks[mark]), ...content])
        const reader = new TextReader(label, 'it')
        const ends = [...cuts.map((at) => Math.min(at, body.length)), body.length].sort((a, b) => a - b)
        let text = ''
        for (const [index, end] of ends.entries())
          text += reader.read(body.subarray(index === 0 ? 0 : ends[index - 1], end))
        expect(text + reader.end()).toBe(decodeText(body, label, 'it'))
      },
    ),
    { numRuns: 2_000 },
  )
})

test('what is no valid text of an old charset is an error or marked, never a surprise', () => {
  const broken = Buffer.of(129, 48, 0)
  const reader = new TextReader('gb18030', 'GET /x')
  try {
    expect(reader.read(broken.subarray(0, 2)) + reader.read(broken.subarray(2)) + reader.end()).toContain(
      '\ufffd',
    )
  } catch (error) {
    expect(error).toMatchObject({ code: 'decode', message: expect.stringContaining('GET /x') as string })
  }
})

test('characters of several bytes are whole wherever they are cut', () => {
  const katakana = Buffer.of(0x83, 0x65, 0x83, 0x58, 0x83, 0x67)
  for (let at = 0; at <= katakana.length; at++) {
    const reader = new TextReader('shift_jis', 'it')
    expect(reader.read(katakana.subarray(0, at)) + reader.read(katakana.subarray(at)) + reader.end()).toBe(
      'テスト',
    )
  }
})
