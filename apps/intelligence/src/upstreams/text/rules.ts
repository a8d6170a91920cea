/** Entities that have a recognisable form: headings, code identifiers, URLs, versions, technologies. Pure. */
import type { EntityType, Mention } from './entities.ts'
import { isStopWord } from './tokens.ts'
import { notAcronyms, technologies } from './vocabulary.ts'

interface Rule {
  readonly type: EntityType
  /** The first capture group is the name. Every pattern scans in linear time. */
  readonly pattern: RegExp
  readonly confidence: number
  readonly accept?: (name: string) => boolean
  readonly clean?: (name: string) => string
}

/** A Markdown heading. Looked for outside code only, where `#` begins a comment. */
const heading: Rule = {
  type: 'CONCEPT',
  pattern: /^#{1,6}[ \t]+(\S[^\n]*)$/gm,
  confidence: 0.8,
  clean: withoutMarkup,
}

const escaped = technologies.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')

const rules: readonly Rule[] = [
  { type: 'URL', pattern: /\b(https?:\/\/[^\s<>"'`|]+)/g, confidence: 0.95, clean: withoutTrailing },
  {
    type: 'API_ENDPOINT',
    pattern: /\b((?:GET|POST|PUT|PATCH|DELETE|HEAD) +\/[\w\-/{}:.~]*)/g,
    confidence: 0.93,
    clean: (name) => withoutTrailing(name.replace(/ +/g, ' ')),
  },
  { type: 'CLASS', pattern: /\bclass +([A-Za-z_]\w*)\s*[({:<]/g, confidence: 0.92 },
  { type: 'CLASS', pattern: /\b(?:class|struct|trait) +([A-Z]\w*)/g, confidence: 0.9 },
  { type: 'INTERFACE', pattern: /\binterface +([A-Z]\w*)/g, confidence: 0.9 },
  { type: 'FUNCTION', pattern: /\b(?:def|func|fn|function\*?) +([A-Za-z_$][\w$]*)/g, confidence: 0.92 },
  { type: 'MODULE', pattern: /^[ \t]*from +([\w.]+) +import\b/gm, confidence: 0.88 },
  { type: 'MODULE', pattern: /\bfrom +['"]([^'"\n]+)['"]/g, confidence: 0.88 },
  {
    type: 'MODULE',
    pattern:
      /(?<![\w./-])((?:\.{0,2}\/)?[\w-]+(?:[./][\w-]+)*\.(?:ts|tsx|js|mjs|py|go|rs|java|md|json|ya?ml|sql|toml|sh))\b/g,
    confidence: 0.85,
  },
  // A call: foo(), client.get(...). The name is what is called.
  {
    type: 'FUNCTION',
    pattern: /(?<![\w$.])([a-z_$][\w$]*(?:\.[a-z_$][\w$]*)*)\(/g,
    confidence: 0.75,
    accept: looksLikeCode,
  },
  { type: 'FUNCTION', pattern: /(?<![\w$.])([a-z_$][\w$]*(?:\.[a-z_$][\w$]*)*)\(\)/g, confidence: 0.86 },
  { type: 'CONFIG_SETTING', pattern: /\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?= *[=:])/g, confidence: 0.9 },
  { type: 'CONSTANT', pattern: /\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b/g, confidence: 0.82 },
  {
    type: 'TECHNOLOGY',
    pattern: new RegExp(`(?<![\\w.-])(${escaped})(?![\\w-]|\\.\\w)`, 'g'),
    confidence: 0.9,
  },
  // Two humps or more, or an acronym with a tail: HttpClient, HTTPClientConfig.
  {
    type: 'CLASS',
    pattern: /\b([A-Z][a-z0-9]+(?:[A-Z]+[a-z0-9]+)+|[A-Z]{2,}[a-z0-9]+(?:[A-Z][a-z0-9]*)+)\b/g,
    confidence: 0.78,
  },
  { type: 'VARIABLE', pattern: /(?<![\w.$-])([a-z]+(?:_[a-z0-9]+)+)\b/g, confidence: 0.7 },
  { type: 'VARIABLE', pattern: /(?<![\w.$-])([a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)+)\b/g, confidence: 0.7 },
  {
    type: 'VERSION',
    pattern: /\b((?:v|[Vv]ersion )\d+(?:\.\d+){0,2}(?:-[\w.]+)?)\b(?!\.\d)/g,
    confidence: 0.8,
  },
  {
    type: 'VERSION',
    pattern: /(?<![\w.])(\d+\.\d+\.\d+(?:-[A-Za-z][\w.]*)?)(?![\w]|\.\d)/g,
    confidence: 0.75,
  },
  {
    type: 'TECHNOLOGY',
    pattern: /(?<![\w-])([A-Z][A-Z0-9]{1,6}(?:\/[0-9.]+)?)(?=s?(?![\w-]))/g,
    confidence: 0.6,
    accept: (name) => !notAcronyms.has(name) && !isStopWord(name.toLowerCase()),
  },
]

/** Every match of every rule; they may overlap, see `mergeMentions`. */
export function findByRules(text: string): Mention[] {
  return [...applyRule(heading, withoutCode(text)), ...rules.flatMap((rule) => applyRule(rule, text))]
}

function applyRule(rule: Rule, text: string): Mention[] {
  const found: Mention[] = []
  for (const match of text.matchAll(rule.pattern)) {
    const wording = match[1]!
    const start = match.index + match[0].indexOf(wording)
    const name = rule.clean?.(wording) ?? wording
    if (name === '' || rule.accept?.(name) === false) continue
    // When cleaning only cut the end off, the span follows; when it rewrote the name, the span keeps the wording.
    const end = start + (wording.startsWith(name) ? name.length : wording.length)
    found.push({ name, type: rule.type, start, end, confidence: rule.confidence })
  }
  return found
}

/** Sentence punctuation is not part of a URL; a closing bracket is, when it closes one inside. */
function withoutTrailing(name: string): string {
  const isBracketed = name.includes('(')
  let end = name.length
  while (end > 0 && ('.,;:!?*_'.includes(name[end - 1]!) || (name[end - 1] === ')' && !isBracketed))) end--
  return name.slice(0, end)
}

function withoutMarkup(heading: string): string {
  return heading.replace(/[*`]|\s#+\s*$/g, '').trim()
}

/** Prose has brackets too: "the pool (which is bounded)". A lone lower-case word before one is not a call. */
function looksLikeCode(name: string): boolean {
  return /[._$A-Z]/.test(name)
}

/** The same text with fenced code blanked out, so that offsets stay. */
export function withoutCode(text: string): string {
  return text.replace(/^[ \t]*```[\s\S]*?(?:\n[ \t]*```|(?![\s\S]))/gm, blank)
}

/** The same text with code, URLs, tables, headings and emphasis blanked out: what is left reads as prose. */
export function proseOnly(text: string): string {
  return withoutCode(text).replace(
    /`[^`\n]*`|https?:\/\/\S+|^#{1,6}[^\n]*$|^[ \t]*\|[^\n]*$|^[ \t]*[-*+] (?:\[[ xX]\])?|\*+/gm,
    blank,
  )
}

function blank(found: string): string {
  return found.replace(/[^\n]/g, ' ')
}
