/** Ways in which texts speak (steps, requirements, comparisons…), by the phrases that give them away. Pure. */
import { round } from './concepts.ts'
import { sentences } from './tokens.ts'

export interface TextPattern {
  readonly pattern_type: string
  readonly description: string
  /** 0 to 1: grows with the share of sentences that show it. */
  readonly strength: number
  /** The wordings that gave it away, at most five. */
  readonly indicators: readonly string[]
}

const cues: readonly { type: string; description: string; pattern: RegExp }[] = [
  {
    type: 'definition',
    description: 'says what things are',
    pattern: /\b(?:is an?|are the|is the|refers to|means|is defined as|stands for|is called)\b/i,
  },
  {
    type: 'procedure',
    description: 'gives steps in an order',
    pattern: /\b(?:first(?:ly)?|then|next|after that|finally|step \d+|once (?:this|that|you))\b|^\d+[.)] /i,
  },
  {
    type: 'requirement',
    description: 'says what must or should be',
    pattern:
      /\b(?:must(?: not)?|shall(?: not)?|should(?: not)?|(?:is|are) required|needs? to|has to|have to|always)\b/i,
  },
  {
    type: 'cause_effect',
    description: 'says what follows from what',
    pattern:
      /\b(?:because|therefore|thus|hence|as a result|leads to|causes?|results? in|due to|so that|consequently)\b/i,
  },
  {
    type: 'comparison',
    description: 'sets things against each other',
    pattern:
      /\b(?:versus|vs\.?|compared (?:to|with)|(?:more|less|better|worse|faster|slower|lower|higher) than|whereas|unlike|instead of)(?!\w)/i,
  },
  {
    type: 'problem_solution',
    description: 'names a problem and what helps',
    pattern:
      /\b(?:issue|problem|symptoms?|fails?|failures?|errors?|fix(?:es)?|solution|workaround|troubleshooting|solves?)\b/i,
  },
  {
    type: 'warning',
    description: 'warns of something',
    pattern: /\b(?:warning|caution|danger(?:ous)?|do not|don't|never|beware|avoid|careful)\b/i,
  },
  {
    type: 'example',
    description: 'shows instances',
    pattern: /\b(?:for example|for instance|such as|e\.g\.|examples?|to illustrate)/i,
  },
  {
    type: 'configuration',
    description: 'sets options and defaults',
    pattern:
      /\b(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\s*=|(?:by )?default(?:s to)?\b|configur\w+|settings?\b|environment variables?\b)/i,
  },
  {
    type: 'measurement',
    description: 'gives figures with units',
    pattern:
      /\b\d+(?:[.,]\d+)?\s?(?:ms|seconds?|minutes?|hours?|kb|mb|gb|bytes?|requests\/second|percent)\b|\b\d+(?:\.\d+)?\s?%/i,
  },
]

/** Strongest first; patterns that no sentence shows are left out. */
export function findPatterns(text: string): TextPattern[] {
  const all = sentences(text).map(({ start, end }) => text.slice(start, end))
  const found: TextPattern[] = []
  for (const { type, description, pattern } of cues) {
    const hits = all.flatMap((sentence) => pattern.exec(sentence)?.[0].trim().toLowerCase() ?? [])
    if (hits.length === 0) continue
    const strength = round(1 - Math.exp((-6 * hits.length) / all.length))
    found.push({ pattern_type: type, description, strength, indicators: [...new Set(hits)].slice(0, 5) })
  }
  return found.sort((a, b) => b.strength - a.strength)
}
