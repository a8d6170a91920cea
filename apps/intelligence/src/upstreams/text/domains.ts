/** Which field a text is about, by the share of its words that belong to the field's vocabulary. Pure. */
import { round } from './concepts.ts'
import { contentStems, stem } from './tokens.ts'
import { domainVocabularies } from './vocabulary.ts'

export interface Domain {
  readonly domain: string
  /** 0 to 1; see `confidence`. */
  readonly confidence: number
  readonly subdomain: string
}

const vocabularies = domainVocabularies.map(({ domain, subdomains }) => ({
  domain,
  subdomains: Object.entries(subdomains).map(([subdomain, vocabulary]) => ({
    subdomain,
    stems: new Set(vocabulary.split(' ').map(stem)),
  })),
}))

/** Every field with at least two different words in the text, surest first. */
export function findDomains(text: string): Domain[] {
  const counts = new Map<string, number>()
  let total = 0
  for (const word of contentStems(text)) {
    counts.set(word, (counts.get(word) ?? 0) + 1)
    total++
  }
  const found: Domain[] = []
  for (const { domain, subdomains } of vocabularies) {
    const hits = subdomains.map(({ subdomain, stems }) => ({ subdomain, ...hit(counts, stems) }))
    const different = hits.reduce((sum, each) => sum + each.different, 0)
    if (different < 2) continue
    const mentions = hits.reduce((sum, each) => sum + each.mentions, 0)
    const best = hits.reduce((a, b) => (b.mentions > a.mentions ? b : a))
    found.push({ domain, confidence: confidence(mentions / total, different), subdomain: best.subdomain })
  }
  return found.sort((a, b) => b.confidence - a.confidence)
}

function hit(
  counts: ReadonlyMap<string, number>,
  stems: ReadonlySet<string>,
): { mentions: number; different: number } {
  let mentions = 0
  let different = 0
  for (const word of stems) {
    const count = counts.get(word)
    if (count === undefined) continue
    mentions += count
    different++
  }
  return { mentions, different }
}

/** Grows with the share of words and with their variety: one word repeated is weak evidence. */
function confidence(share: number, different: number): number {
  return round((1 - Math.exp(-8 * share)) * (1 - Math.exp(-different / 3)))
}
