import { describe, expect, test } from 'vitest'
import { keepAliveMs } from './models.ts'
import { answer, inPieces, markedText } from './task.ts'

const never = new AbortController().signal

describe('markedText', () => {
  test.each([
    ['Extract.\n<document>\nBody </document> more\n</document>\nThanks', 'Body </document> more'],
    ['Text: """ quoted """', 'quoted'],
    ['```\ncode\n```', 'code'],
  ])('finds the text in %j', (prompt, text) => {
    expect(markedText(prompt)).toBe(text)
  })

  test.each(['no marks at all', 'only one """ mark', '<text> unclosed'])('finds none in %j', (prompt) => {
    expect(markedText(prompt)).toBeUndefined()
  })
})

describe('answer', () => {
  test('without a task is a summary that says what it is', async () => {
    const task = { prompt: 'The pool keeps sockets open for reuse.', instructions: '', format: undefined }
    expect(await answer(task, never)).toBe(
      'Extractive summary (made by rules, not by a language model): The pool keeps sockets open for reuse.',
    )
  })

  test('in format json is entities when the prompt or its instructions speak of them', async () => {
    const task = {
      prompt: '<text>Ollama serves models.</text>',
      instructions: 'List the entities.',
      format: 'json' as const,
    }
    expect(JSON.parse(await answer(task, never))).toMatchObject({
      entities: [{ name: 'Ollama', type: 'TECHNOLOGY' }],
    })
    const other = { ...task, instructions: '' }
    expect(JSON.parse(await answer(other, never))).toEqual({
      summary: 'Ollama serves models.',
      key_terms: ['ollama', 'serves', 'models'],
    })
  })
})

test('pieces joined are the answer', () => {
  const text = ' {"a": "long-word-without-any-spaces-in-it"}\n  \u{1f600}\u{1f600} end \n'
  expect(inPieces(text).join('')).toBe(text)
  expect(inPieces(text).length).toBeGreaterThan(3)
  expect(inPieces('')).toEqual([])
})

test.each([
  [undefined, 300_000],
  [0, 0],
  ['0', 0],
  [30, 30_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['250ms', 250],
  ['soon', undefined],
])('keep_alive %j is %j ms', (value, expected) => {
  expect(keepAliveMs(value)).toBe(expected)
})

test('a negative keep_alive is for ever', () => {
  expect(keepAliveMs(-1)).toBeGreaterThan(10 * 365 * 24 * 3600 * 1000)
  expect(keepAliveMs('-5m')).toBe(keepAliveMs(-1))
})
