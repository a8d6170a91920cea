import fc from 'fast-check'
import { expect, test } from 'vitest'
import { windowsOf } from './windows.ts'

test('a text that fits is one window, an empty one too', () => {
  expect(windowsOf('short', { size: 10, overlap: 2 })).toEqual([{ start: 0, text: 'short' }])
  expect(windowsOf('', { size: 10, overlap: 2 })).toEqual([{ start: 0, text: '' }])
})

test('cuts stand between paragraphs, then lines, then words', () => {
  const first = (text: string): string | undefined => windowsOf(text, { size: 20, overlap: 4 })[0]?.text
  expect(first('a paragraph here\n\nanother one follows')).toBe('a paragraph here\n\n')
  expect(first('one line is here\nand another one')).toBe('one line is here\n')
  expect(first('words standing by others')).toBe('words standing by ')
  expect(first('x'.repeat(50))).toBe('x'.repeat(20))
})

test('windows cover the text, are not too long, and cut no character', () => {
  const part = fc.constantFrom('word', ' ', '\n', '\n\n', '😀', 'é', '日本')
  const text = fc.array(part, { maxLength: 120 }).map((parts) => parts.join(''))
  const sizes = fc.integer({ min: 8, max: 60 }).map((size) => ({ size, overlap: Math.floor(size / 4) }))
  const property = fc.property(text, sizes, (whole, { size, overlap }) => {
    const windows = windowsOf(whole, { size, overlap })
    let covered = 0
    for (const { start, text: seen } of windows) {
      expect(start).toBeLessThanOrEqual(covered)
      expect(whole.startsWith(seen, start)).toBe(true)
      expect(seen.length).toBeLessThanOrEqual(size)
      expect(seen.isWellFormed()).toBe(true)
      expect(start + seen.length).toBeGreaterThanOrEqual(covered)
      covered = start + seen.length
    }
    expect(covered).toBe(whole.length)
  })
  fc.assert(property)
})
