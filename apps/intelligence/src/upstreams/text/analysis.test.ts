import { describe, expect, test } from 'vitest'
import { findConcepts, findThemes } from './concepts.ts'
import { findDomains } from './domains.ts'
import { readLanguage } from './language.ts'
import { findPatterns } from './patterns.ts'
import { keyTerms, summarise } from './summary.ts'

const text = `A connection pool is a set of open sockets. The connection pool keeps idle sockets for reuse.
Because a handshake takes 20 ms, reuse makes requests faster than new connections. You must set a limit for the
connection pool. Bread needs flour, and flour comes from wheat.`

describe('concepts and themes', () => {
  test('the phrase a text repeats is its strongest concept, with a sentence to show for it', async () => {
    const concepts = findConcepts(text, (await readLanguage(text)).phrases)
    expect(concepts[0]).toMatchObject({ concept: 'connection pool', score: 1 })
    expect(concepts[0]!.context).toBe('A connection pool is a set of open sockets.')
    expect(concepts[0]!.spans).toHaveLength(3)
    for (const { score } of concepts) expect(score).toBeGreaterThan(0)
  })

  test('the caller’s context lifts what it speaks of', async () => {
    const { phrases } = await readLanguage(text)
    const score = (context: string): number =>
      findConcepts(text, phrases, context).find(({ concept }) => concept === 'flour')!.score
    expect(score('a recipe with flour')).toBeGreaterThan(score(''))
  })

  test('themes are made of concepts that share sentences', async () => {
    const themes = findThemes(text, findConcepts(text, (await readLanguage(text)).phrases))
    expect(themes[0]!.theme).toBe('connection pool')
    expect(themes[0]!.related_concepts).not.toContain('flour')
    const baking = themes.find(({ theme, related_concepts: related }) =>
      [theme, ...related].includes('wheat'),
    )
    expect([baking!.theme, ...baking!.related_concepts]).toContain('flour')
    expect(themes.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 1)
  })
})

test('domains go by vocabulary', () => {
  expect(findDomains(text)[0]).toMatchObject({ domain: 'software_engineering', subdomain: 'networking' })
  expect(findDomains('The patient saw a doctor, who changed the treatment of the disease.')[0]!.domain).toBe(
    'health',
  )
  expect(findDomains('nothing here')).toEqual([])
})

test('patterns show the wording that gave them away', () => {
  const found = new Map(findPatterns(text).map((pattern) => [pattern.pattern_type, pattern.indicators]))
  expect(found.get('definition')).toContain('is a')
  expect(found.get('cause_effect')).toContain('because')
  expect(found.get('requirement')).toContain('must')
  expect(found.get('comparison')).toContain('faster than')
  expect(found.get('measurement')).toContain('20 ms')
  expect(found.has('warning')).toBe(false)
})

test('a summary is made of sentences of the text, in its order', () => {
  const summary = summarise(text, 2)
  const kept = text
    .replace(/\s+/g, ' ')
    .split(/(?<=\.) /)
    .filter((sentence) => summary.includes(sentence))
  expect(kept).toHaveLength(2)
  expect(summary).toBe(kept.join(' '))
  expect(summary).toContain('connection pool')
  expect(summarise('')).toBe('')
})

test('key terms are counted by stem and shown in the usual form', () => {
  expect(keyTerms('Pools pool pools. A client. Clients and pools.', 2)).toEqual(['pools', 'client'])
})
