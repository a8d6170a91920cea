import { describe, expect, test } from 'vitest'
import { cosine, embed } from './embedding.ts'

const close = (a: string, b: string): number => cosine(embed(a).vector, embed(b).vector)

describe('embed', () => {
  test('puts related texts closer than unrelated ones', () => {
    const pooling = 'HTTP connection pooling keeps idle sockets open for reuse'
    const related = 'Reusing pooled HTTP connections avoids opening new sockets'
    const unrelated = 'Bake the bread with flour and butter for an hour'
    expect(close(pooling, related)).toBeGreaterThan(0.3)
    expect(close(pooling, related)).toBeGreaterThan(close(pooling, unrelated) + 0.3)
  })

  test('finds the right passage for each of several questions', () => {
    const passages = {
      breaker: 'The circuit breaker opens after five failures and closes when probes succeed.',
      pool: 'The connection pool limits how many sockets one origin may hold.',
      freshness: 'Documents become stale when their dependencies have not been verified for months.',
    }
    const questions = {
      breaker: 'after how many failures does the breaker open?',
      pool: 'limit of sockets in the pool',
      freshness: 'which documents are stale',
    }
    for (const [topic, question] of Object.entries(questions)) {
      const ranked = Object.entries(passages).toSorted(
        (a, b) => close(question, b[1]) - close(question, a[1]),
      )
      expect(ranked[0]![0]).toBe(topic)
    }
  })

  test('reads identifiers as the words they are made of', () => {
    expect(close('HTTPClientConfig', 'http client config')).toBeCloseTo(1)
    expect(close('max_connections', 'maxConnections')).toBeCloseTo(1)
  })

  test('gives the same unit vector for the same text, in the size that was asked for', () => {
    const { vector, tokens } = embed('The pool keeps its connections warm', { dimensions: 64 })
    expect(vector).toHaveLength(64)
    expect(tokens).toBe(6)
    expect(Math.hypot(...vector)).toBeCloseTo(1)
    expect(embed('The pool keeps its connections warm', { dimensions: 64 }).vector).toEqual(vector)
  })

  test('keeps its values from version to version, because stored indexes depend on them', () => {
    const { vector } = embed('warm pool', { dimensions: 8 })
    expect(vector.map((value) => Math.round(value * 1000) / 1000)).toMatchInlineSnapshot(`
      [
        0,
        0,
        -0.894,
        0,
        0,
        0,
        0.447,
        0,
      ]
    `)
  })

  test('does not scale raw vectors', () => {
    expect(Math.hypot(...embed('one two three four', { normalise: false }).vector)).toBeGreaterThan(1)
  })

  test.each(['', '   ', '???', '\u{1f600}'])('gives %j a direction too', (text) => {
    const { vector } = embed(text)
    expect(Math.hypot(...vector)).toBeCloseTo(1)
  })

  test('reads scripts that have no spaces', () => {
    expect(close('接続プール', '接続を再利用する')).toBeGreaterThan(close('接続プール', '天気'))
  })
})
