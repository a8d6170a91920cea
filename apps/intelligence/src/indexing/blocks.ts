/**
 * Text as a row of blocks: headings, fenced code and everything else. Blocks touch each other and cover the text;
 * blank lines belong to the block before them. Knows Markdown, and the underlined headings of reStructuredText.
 */
export interface Block {
  readonly kind: 'heading' | 'fence' | 'text'
  readonly start: number
  readonly end: number
  /** The heading's own words. */
  readonly heading: string | null
}

interface Line {
  readonly start: number
  /** After the line break. */
  readonly end: number
  /** The beginning of the line without its end of line. Enough to tell what it is, and never a copy of megabytes. */
  readonly head: string
}

const HEAD = 300

/** Splits the text into blocks, in one pass. */
export function* readBlocks(text: string): Generator<Block> {
  let open: OpenBlock | undefined
  const front = frontMatterEnd(text)
  if (front > 0) open = { kind: 'text', start: 0, end: front, lines: 2, closed: true, words: '', fence: '' }
  for (const line of readLines(text, front)) {
    const extended: OpenBlock | undefined = open && extend(open, line)
    if (open !== undefined && extended === undefined) yield toBlock(open)
    open = extended ?? begin(line)
  }
  if (open !== undefined) yield toBlock(open)
}

/** The first heading's words, without Markdown's marks; undefined when the text has none. */
export function firstHeading(text: string): string | undefined {
  for (const block of readBlocks(text)) {
    const words = block.heading === null ? '' : plainWords(block.heading)
    if (words !== '') return words
  }
  return undefined
}

interface OpenBlock {
  kind: Block['kind']
  readonly start: number
  end: number
  /** How many lines with words it has. */
  lines: number
  /** Nothing but blank lines can follow. */
  closed: boolean
  /** A heading's words; of a text its first line, in case an underline makes a heading of it. */
  words: string
  /** What opened the fence, such as three backticks. */
  readonly fence: string
}

function begin({ start, end, head }: Line): OpenBlock {
  const heading = headingWords(head)
  const fence = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/.exec(head)?.[1] ?? ''
  const kind = heading !== null ? 'heading' : fence !== '' ? 'fence' : 'text'
  const words = head.trim()
  // A line of dashes stands alone, so that the title between two of them is seen as one.
  const closed = kind === 'heading' || (kind === 'text' && isRule(head))
  return { kind, start, end, lines: words === '' ? 0 : 1, closed, words: heading ?? words, fence }
}

/** The open block with the line in it; undefined when the line begins a block of its own. */
function extend(open: OpenBlock, line: Line): OpenBlock | undefined {
  if (open.kind === 'fence' && !open.closed) open.closed = closesFence(open.fence, line.head)
  else if (line.head.trim() === '') open.closed ||= open.lines > 0
  else if (open.lines === 0) return { ...begin(line), start: open.start }
  else if (open.closed) return undefined
  else if (underlines(open, line)) [open.kind, open.closed] = ['heading', true]
  else if (begin(line).kind !== 'text' || isRule(line.head)) return undefined
  else open.lines += 1
  open.end = line.end
  return open
}

function toBlock({ kind, start, end, words }: OpenBlock): Block {
  return { kind, start, end, heading: kind === 'heading' ? words : null }
}

function underlines(open: OpenBlock, { head }: Line): boolean {
  if (open.kind !== 'text' || open.lines !== 1 || !isRule(head)) return false
  // A row of tildes also opens a fence in Markdown; an underline is as long as its title.
  return !head.startsWith('~') || head.trim().length >= open.words.length
}

function isRule(head: string): boolean {
  return /^(=+|-{2,}|~{3,}|\^{3,}|"{3,}|\*{3,}|\+{3,})[ \t]*$/.test(head)
}

function headingWords(head: string): string | null {
  const marks = /^ {0,3}#{1,6}(?=[ \t]|$)/.exec(head)?.[0]
  if (marks === undefined) return null
  const words = head.slice(marks.length).trim()
  const bare = words.replace(/#+$/, '')
  return bare === '' || /[ \t]$/.test(bare) ? bare.trim() : words
}

function closesFence(fence: string, head: string): boolean {
  const line = head.trim()
  return line.length >= fence.length && line === (fence[0] ?? '`').repeat(line.length) && !/^ {4}/.test(head)
}

/** YAML between two lines of dashes at the very top: its comments are no headings. */
function frontMatterEnd(text: string): number {
  if (!/^---[ \t]*\r?\n/.test(text.slice(0, HEAD))) return 0
  const close = /\n---[ \t]*(?:\r?\n|$)/.exec(text.slice(0, 16_384))
  return close === null ? 0 : close.index + close[0].length
}

function* readLines(text: string, from: number): Generator<Line> {
  let start = from
  while (start < text.length) {
    const lineBreak = text.indexOf('\n', start)
    const end = lineBreak === -1 ? text.length : lineBreak + 1
    const head = text.slice(start, Math.min(lineBreak === -1 ? end : lineBreak, start + HEAD))
    yield { start, end, head: head.endsWith('\r') ? head.slice(0, -1) : head }
    start = end
  }
}

function plainWords(heading: string): string {
  const words = heading.replace(/!?\[([^\][]*)\]\([^()]*\)/g, '$1').replace(/[*`]+|<[^<>]*>/g, '')
  return words.replace(/\s+/g, ' ').trim().slice(0, 200)
}
