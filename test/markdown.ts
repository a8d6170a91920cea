/** Reads a Markdown page: its code blocks, links and headings. */

/** A fenced block: ```ts run is the language `ts` with the word `run`. */
export interface Block {
  readonly language: string
  readonly words: readonly string[]
  /** The line of its first line of code, counted from 1. */
  readonly line: number
  readonly code: string
}

export interface Link {
  readonly target: string
  readonly line: number
}

const link = /\]\(([^()\s]+)(?:\s+"[^"]*")?\)|\b(?:href|src|srcset)="([^"\s]+)"/g
const fence = /^( {0,3}|\s*(?:[-*]|\d+\.)\s+)?(`{3,}|~{3,})\s*([\w-]*)\s*(.*)$/

/** Every fenced block of a page, in its order. */
export function blocksIn(page: string): Block[] {
  return walk(page).blocks
}

/** Every inline link and image outside code, those of HTML among them. */
export function linksIn(page: string): Link[] {
  return walk(page).prose.flatMap(({ text, line }) =>
    [...text.replace(/`[^`]*`/g, '').matchAll(link)].map(([, markdown, html]) => ({
      target: markdown ?? html ?? '',
      line,
    })),
  )
}

/** What `#…` may follow the page's name, by the rules that forges share. */
export function anchorsIn(page: string): string[] {
  const seen = new Map<string, number>()
  return walk(page).prose.flatMap(({ text }) => {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(text)?.[1]
    if (heading === undefined) return []
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const slug = plain.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-')
    const before = seen.get(slug) ?? 0
    seen.set(slug, before + 1)
    return [before === 0 ? slug : `${slug}-${before}`]
  })
}

interface Page {
  readonly blocks: Block[]
  readonly prose: { text: string; line: number }[]
}

function walk(page: string): Page {
  const found: Page = { blocks: [], prose: [] }
  const lines = page.split(/\r?\n/)
  for (let index = 0; index < lines.length; index++) {
    const text = lines[index] ?? ''
    const [, indent = '', mark, language = '', words = ''] = fence.exec(text) ?? []
    if (mark === undefined) {
      found.prose.push({ text, line: index + 1 })
      continue
    }
    const end = lines.findIndex((line, at) => at > index && line.trim() === mark)
    const last = end === -1 ? lines.length : end
    const body = lines
      .slice(index + 1, last)
      .map((line) => line.slice(Math.min(indent.length, line.search(/\S|$/))))
    found.blocks.push({
      language,
      words: words.split(/\s+/).filter(Boolean),
      line: index + 2,
      code: body.join('\n'),
    })
    index = last
  }
  return found
}
