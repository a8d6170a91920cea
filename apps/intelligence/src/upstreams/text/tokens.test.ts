import { describe, expect, test } from 'vitest'
import { contentStems, sentences, stem, words } from './tokens.ts'

describe('words', () => {
  test('takes identifiers apart', () => {
    expect(words('HTTPClientConfig.max_connections=20')).toEqual([
      'http',
      'client',
      'config',
      'max',
      'connections',
      '20',
    ])
  })
})

describe('stem', () => {
  test.each([
    ['pools', 'pooled', 'pooling'],
    ['connect', 'connection', 'connections'],
    ['cache', 'caches', 'cached'],
    ['retry', 'retries'],
    ['configure', 'configuration'],
    ['embed', 'embedding', 'embeddings'],
  ])('brings %s and its forms together', (...forms) => {
    expect(new Set(forms.map(stem)).size).toBe(1)
  })

  test.each(['this', 'status', 'class', 'http', '4xx', 'thing', 'red', 'string', 'need'])(
    'leaves %s whole',
    (word) => {
      expect(stem(word)).toBe(word)
    },
  )
})

test('stop words count only when there is nothing else', () => {
  expect(contentStems('the pool of the client')).toEqual(['pool', 'client'])
  expect(contentStems('to be or not')).toEqual(['to', 'be', 'or', 'not'])
})

describe('sentences', () => {
  const split = (text: string): string[] => sentences(text).map(({ start, end }) => text.slice(start, end))

  test('end at punctuation, not at titles and abbreviations', () => {
    expect(split('Dr. Lopez left. She used a pool, e.g. Keepwarm! Version 2.0 is out.')).toEqual([
      'Dr. Lopez left.',
      'She used a pool, e.g. Keepwarm!',
      'Version 2.0 is out.',
    ])
  })

  test('end at headings, list items, table rows and empty lines', () => {
    expect(split('# Pool\nKeeps\nsockets\n\nOpen\n- one\n- two\n| a | b |')).toEqual([
      '# Pool',
      'Keeps\nsockets',
      'Open',
      '- one',
      '- two',
      '| a | b |',
    ])
  })

  test('of nothing are none', () => {
    expect(split(' \n ')).toEqual([])
  })

  test('and words are found in time that grows with the text only', () => {
    const started = performance.now()
    sentences(`${' '.repeat(200_000)}x${'\n'.repeat(200_000)}`)
    contentStems('a'.repeat(400_000))
    // Quadratic time would be minutes.
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})
