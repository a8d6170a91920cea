/** Links out of `Link` headers (RFC 8288). */

export interface Link {
  /** As it stands there; it may be relative to the page. */
  readonly target: string
  /** What it is to the page: `next`, `last`, … in lower case. */
  readonly rels: readonly string[]
  /** What it is about, where that is not the page itself. */
  readonly anchor: string | undefined
}

/**
 * The links of a header, or of several that are joined with commas. What is no link ends the reading: what comes after it
 * could be anything.
 */
export function parseLinks(header: string): Link[] {
  const links: Link[] = []
  const text = new Scanner(header)
  for (;;) {
    text.skip(/[\s,]*/y)
    const target = text.take(/<([^>]*)>/y)
    if (target === undefined) return links
    const params = readParams(text)
    const rels = (params.get('rel') ?? '').toLowerCase().split(/\s+/)
    links.push({
      target: target.trim(),
      rels: rels.filter((rel) => rel !== ''),
      anchor: params.get('anchor'),
    })
  }
}

/** The target of the first link that leads from this page to the next. */
export function nextLink(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  return parseLinks(header).find(({ rels, anchor }) => anchor === undefined && rels.includes('next'))?.target
}

/** Until the end of the link. Of a parameter that comes twice the first one counts. */
function readParams(text: Scanner): Map<string, string> {
  const params = new Map<string, string>()
  for (;;) {
    text.skip(/[^;,]*/y) // between parameters there is nothing that means something
    if (text.take(/(;)/y) === undefined) return params
    text.skip(/\s*/y)
    const name = (text.take(/([^\s=;,]+)/y) ?? '').toLowerCase()
    const value = text.take(/\s*=\s*("(?:[^"\\]|\\.)*"?|[^\s;,]*)/sy) ?? ''
    if (name !== '' && !params.has(name)) params.set(name, unquoted(value))
  }
}

function unquoted(value: string): string {
  if (!value.startsWith('"')) return value
  return value.slice(1, value.length > 1 && value.endsWith('"') ? -1 : undefined).replace(/\\(.)/gs, '$1')
}

class Scanner {
  private readonly text: string
  private at = 0

  constructor(text: string) {
    this.text = text
  }

  /** What the first group of the pattern matches here; the pattern is sticky. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found === null) return undefined
    this.at = pattern.lastIndex
    return found[1]
  }

  skip(pattern: RegExp): void {
    pattern.lastIndex = this.at
    if (pattern.test(this.text)) this.at = pattern.lastIndex
  }
}
