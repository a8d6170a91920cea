import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chunkText } from './chunk.ts'
import type { Chunk, ChunkOptions } from './chunk.ts'

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** The text put together again from the parts that do not overlap, and what lies between them. */
function reassemble(text: string, chunks: readonly Chunk[]): { whole: string; gaps: string[] } {
  const gaps: string[] = []
  let whole = ''
  for (const { start, end } of chunks) {
    if (start > whole.length) gaps.push(text.slice(whole.length, start))
    if (start > whole.length) whole += text.slice(whole.length, start)
    whole += text.slice(Math.max(start, whole.length), end)
  }
  if (whole.length < text.length) gaps.push(text.slice(whole.length))
  return { whole: whole + text.slice(whole.length), gaps }
}

function checkChunks(text: string, options: ChunkOptions): void {
  const chunks = chunkText(text, options)
  const { whole, gaps } = reassemble(text, chunks)
  expect(whole).toBe(text)
  for (const gap of gaps) expect(gap.trim()).toBe('')
  expect(chunks.map((chunk) => chunk.ordinal)).toEqual(chunks.map((_, index) => index))
  const max = options.max ?? 2_000
  for (const [index, chunk] of chunks.entries()) {
    expect(chunk.text).toBe(text.slice(chunk.start, chunk.end))
    expect(chunk.text.length).toBeLessThanOrEqual(max)
    expect(chunk.text.trim()).not.toBe('')
    expect(chunk.start).toBeGreaterThanOrEqual(chunks[index - 1]?.start ?? 0)
    expect(chunk.end).toBeGreaterThan(chunks[index - 1]?.end ?? 0)
  }
}

/** Every edge of a chunk lies between two graphemes, unless a single one is longer than a chunk may be. */
function checkGraphemes(text: string, options: ChunkOptions): void {
  const max = options.max ?? 2_000
  const parts = [...segmenter.segment(text)]
  if (parts.some((part) => part.segment.length > max)) return
  const edges = new Set([...parts.map((part) => part.index), text.length])
  for (const { start, end } of chunkText(text, options)) {
    expect(edges.has(start), `start ${start}`).toBe(true)
    expect(edges.has(end), `end ${end}`).toBe(true)
  }
}

const small = { target: 40, max: 60, overlap: 10 }
const pieces = fc.constantFrom(
  ...[
    '# Title\n',
    '## Two\r\n',
    '\n',
    '\r\n',
    '\n\n\n',
    '```\n',
    '~~~~\n',
    'code();\n',
    'word ',
    'Sentence one. ',
    '好。',
    '   ',
  ],
  ...[
    '👨‍👩‍👧',
    '🇩🇪',
    '🇫',
    'é',
    'e\u0301',
    '\u0301',
    '\ud83d',
    '\udc00',
    ' \u0e33',
    'नि',
    '\u200d',
    '====\n',
    '- item\n',
    '\t',
    '---\n',
    '\r',
  ],
)
const markdown = fc.array(pieces, { maxLength: 120 }).map((parts) => parts.join(''))
const anything = fc.string({ unit: 'binary', maxLength: 400 })

test('chunks cover the text, keep their offsets and sizes, and never cut a grapheme', () => {
  const property = fc.property(fc.oneof(markdown, anything), (text) => {
    checkChunks(text, small)
    checkGraphemes(text, small)
    checkChunks(text, {})
  })
  fc.assert(property, { numRuns: 1_500 })
})

test('any sizes that fit together hold', () => {
  const sizes = fc.record({ target: fc.integer({ min: 2, max: 50 }), more: fc.nat(50), share: fc.nat(100) })
  const property = fc.property(markdown, sizes, (text, { target, more, share }) => {
    const options = { target, max: target + more, overlap: Math.floor((target / 2) * (share / 100)) }
    checkChunks(text, options)
    checkGraphemes(text, options)
  })
  fc.assert(property, { numRuns: 700 })
})

test('texts of nothing but white space give no chunks', () => {
  for (const text of ['', ' ', '\n\n\t\r\n', '\u00a0\ufeff', ' '.repeat(10_000), '\n'.repeat(10_000)]) {
    expect(chunkText(text)).toEqual([])
  }
})

test('a short text is one chunk, white space around it included', () => {
  const text = '\n\n# Pool\n\nOne queue.\n\n'
  expect(chunkText(text)).toEqual([{ ordinal: 0, start: 0, end: text.length, heading: 'Pool', text }])
})

const paragraph = (words: number) => `${'word '.repeat(words - 1)}end.\n\n`

test('headings begin chunks, small sections share one, and no heading is parted from its text', () => {
  const text = `# Guide\n\n## Install\n\n${paragraph(100)}## Use\n\n${paragraph(100)}### A\n\nx\n\n### B\n\ny\n`
  const chunks = chunkText(text)
  expect(chunks.map((chunk) => chunk.text.split('\n')[0])).toEqual(['# Guide', '## Use', '### A'])
  expect(chunks.map((chunk) => chunk.heading)).toEqual(['Guide', 'Use', 'A'])
  expect(chunks[2]?.text).toBe('### A\n\nx\n\n### B\n\ny\n')
})

test('a chunk in the middle of a section knows its heading and repeats a little of the one before', () => {
  const text = `# Long\n\n${Array.from({ length: 20 }, (_, index) => `Paragraph ${index}. ${paragraph(60)}`).join('')}`
  const chunks = chunkText(text)
  expect(chunks.length).toBeGreaterThan(4)
  for (const [index, chunk] of chunks.entries()) {
    expect(chunk.heading).toBe('Long')
    const before = chunks[index - 1]
    if (before === undefined) continue
    const repeated = before.end - chunk.start
    expect(repeated).toBeGreaterThan(0)
    expect(repeated).toBeLessThanOrEqual(120)
    expect(text[chunk.start - 1]).toMatch(/\s/)
  }
})

test('fenced code stays whole when it fits, and is cut between lines when it does not', () => {
  const fence = (lines: number) => `\`\`\`ts\n${'const x = 1 # no heading\n'.repeat(lines)}\`\`\`\n`
  const fits = `${paragraph(150)}${fence(75)}${paragraph(10)}`
  const whole = chunkText(fits).filter((chunk) => chunk.text.includes('```'))
  expect(whole).toHaveLength(1)
  expect(whole[0]?.text.match(/```/g)).toHaveLength(2)
  const parts = chunkText(fence(400))
  expect(parts.length).toBeGreaterThan(4)
  for (const part of parts) expect(part.text.endsWith('\n')).toBe(true)
})

test('a hash in code or in front matter is no heading', () => {
  const text = '---\n# a comment\ntitle: x\n---\n\n```sh\n# another\n```\n\n# Real\n\ntext\n'
  expect(chunkText(text, { target: 20, max: 40, overlap: 0 }).map((chunk) => chunk.heading)).toContain('Real')
  expect(chunkText(text, { target: 20, max: 40, overlap: 0 }).at(0)?.heading).toBeNull()
})

test('a long paragraph is cut after sentences into even parts', () => {
  const text = 'This is a sentence of some length. '.repeat(100)
  const chunks = chunkText(text, { overlap: 0 })
  expect(chunks).toHaveLength(3)
  for (const chunk of chunks) {
    expect(chunk.text.trimEnd().endsWith('.')).toBe(true)
    expect(chunk.text.length).toBeGreaterThan(1_000)
  }
})

test('a character longer than a chunk may be is cut, but no surrogate pair', () => {
  const text = `a${'\u{1d167}'.repeat(3_000)}`
  const chunks = chunkText(text)
  expect(chunks.length).toBeGreaterThan(2)
  for (const chunk of chunks) expect(chunk.text.isWellFormed()).toBe(true)
  checkChunks(text, {})
})

// An algorithm that looks back or ahead through the whole line at each cut does not end within a test's time.
test.each([
  ['a letter', 'a'],
  ['words', 'lorem ipsum '],
  ['accents', 'e\u0301'],
  ['families', '👨‍👩‍👧'],
  ['flags', '🇩🇪'],
  ['marks', '\u0301'],
  ['hashes', '#'],
  ['backticks', '`'],
  ['dashes', '- '],
  ['line breaks', '\n'],
  ['tiny headings', '# \n'],
  ['carriage returns', 'x\r'],
])('5 MB of %s take time in proportion', (_, unit) => {
  const text = unit.repeat(Math.floor(5_000_000 / unit.length))
  const chunks = chunkText(text)
  expect(chunks.at(-1)?.end ?? text.length).toBe(text.length)
})

test('sizes that contradict each other are refused by name', () => {
  expect(() => chunkText('x', { target: 3_000 })).toThrow(
    'target = 3000, max = 2000: expected 2 <= target <= max',
  )
  expect(() => chunkText('x', { overlap: 601 })).toThrow(
    'overlap = 601: expected at most half of target (600)',
  )
  expect(() => chunkText('x', { max: 1.5 })).toThrow('max = 1.5: expected a whole number')
  expect(() => chunkText('x', { overlap: -1 })).toThrow('overlap = -1')
})
