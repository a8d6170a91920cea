import { expect, test } from 'vitest'
import { firstHeading, readBlocks } from './blocks.ts'

const shape = (text: string) =>
  [...readBlocks(text)].map(({ kind, start, end }) => [kind, text.slice(start, end)])

test('headings, paragraphs and fences, blank lines with the block before', () => {
  const text = 'Intro\nline\n\n# One #\n\n~~~\n# code\n\n~~~~\nAfter\n## Two'
  expect(shape(text)).toEqual([
    ['text', 'Intro\nline\n\n'],
    ['heading', '# One #\n\n'],
    ['fence', '~~~\n# code\n\n~~~~\n'],
    ['text', 'After\n'],
    ['heading', '## Two'],
  ])
})

test('a fence that is never closed goes to the end, and a shorter row does not close it', () => {
  expect(shape('````\n```\n# x\n')).toEqual([['fence', '````\n```\n# x\n']])
  expect(shape('``` not `code`\n# x\n').map(([kind]) => kind)).toEqual(['text', 'heading'])
})

test('underlined titles are headings, also between two lines', () => {
  expect(firstHeading('Title\n=====\n\ntext')).toBe('Title')
  expect(firstHeading('text\n\nTitle\r\n-----\r\n')).toBe('Title')
  expect(firstHeading('=====\nTitle\n=====\n')).toBe('Title')
  expect(firstHeading('Title\n~~~~~~\n')).toBe('Title')
  expect(firstHeading('two\nlines\n---\n')).toBeUndefined()
  expect(firstHeading('one\n\n---\n')).toBeUndefined()
  expect(firstHeading('a list:\n~~~\n# code\n~~~\n')).toBeUndefined()
})

test('the first heading without its marks', () => {
  expect(firstHeading('#\n\n#hash\n\n### The **[pool](x.md)** and `C#` <br> ###\n')).toBe('The pool and C#')
  expect(firstHeading('# C#\n')).toBe('C#')
  expect(firstHeading('no heading')).toBeUndefined()
  expect(firstHeading('')).toBeUndefined()
  expect(firstHeading(`# ${'x'.repeat(1_000)}`)).toHaveLength(200)
})

test('front matter is no heading, and needs its end', () => {
  expect(firstHeading('---\n# comment\ntitle: no\n---\n# Yes\n')).toBe('Yes')
  expect(firstHeading('---\n\n# Yes\n')).toBe('Yes')
})

test('blocks touch each other and cover the text', () => {
  const text = '\n\n \n# A\r\n\r\ntext\n```\n\n```\n\n\nB\n=\n\n***\nlast'
  const blocks = [...readBlocks(text)]
  expect(blocks.map((block) => block.start)).toEqual([0, ...blocks.slice(0, -1).map((block) => block.end)])
  expect(blocks.at(-1)?.end).toBe(text.length)
})
