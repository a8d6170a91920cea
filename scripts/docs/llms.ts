/** llms.txt, in the form of llmstxt.org: a title, a summary, what has to be known, and where to read on. */
import { posix } from 'node:path'
import { cellsOf } from './table.ts'

export interface Pages {
  /** docs/README.md, whose sections and order are those of llms.txt. */
  readonly index: string
  /** docs/at-a-glance.md, which becomes what has to be known. */
  readonly facts: string
  /** README.md, whose first paragraph becomes the summary. */
  readonly readme: string
  /** Any page, by its path from the top folder. */
  readonly page: (path: string) => string
}

/** @throws Error naming a page that has no title, or no sentence to describe it with */
export function llmsText({ index, facts, readme, page }: Pages): string {
  const lists = index
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const items = entriesOf(section).map(({ path, need }) => {
        const [title, sentence] = [titleOf(path, page(path)), firstSentence(path, page(path))]
        return `- [${title}](${path}): to ${need}. ${sentence}`
      })
      return `## ${section.split('\n', 1)[0] ?? ''}\n\n${items.join('\n')}`
    })
  const [title, summary] = [titleOf('README.md', readme), firstParagraph('README.md', readme)]
  return `${[`# ${title}`, `> ${summary}`, essentials(facts), ...lists].join('\n\n')}\n`
}

/** What a reader wants, and the page that has it, by its path from the top folder. */
export interface Entry {
  readonly need: string
  readonly path: string
}

/** The rows of the index, or of a section of it. */
export function entriesOf(index: string): Entry[] {
  return index.split('\n').flatMap((line) => {
    const [need, link] = cellsOf(line)
    const path = /\]\(([\w./-]+\.md)\)/.exec(link ?? '')?.[1]
    return need === undefined || path === undefined ? [] : [{ need, path: posix.join('docs', path) }]
  })
}

/** Without its title, with links as they are seen from the top folder. */
function essentials(facts: string): string {
  return facts
    .slice(facts.indexOf('\n'))
    .replace(/^<!--.*-->\n\n?/gm, '')
    .replace(/\]\(([\w-]+\.md)/g, '](docs/$1')
    .trim()
}

function titleOf(path: string, text: string): string {
  const title = /^# (.+)$/m.exec(text)?.[1]
  if (title === undefined) throw new Error(`${path} has no title: it should begin with "# "`)
  return title.replaceAll('`', '')
}

/** What stands first below the title, as one line without links; pictures, tables and code are passed over. */
function firstParagraph(path: string, text: string): string {
  const paragraphs = text.replace(/^```[\s\S]*?^```$/gm, '').split(/\n\s*\n/)
  const first = paragraphs
    .map((paragraph) => paragraph.trim())
    .find((paragraph) => /^[\w_*`"[]/.test(paragraph))
  if (first === undefined) throw new Error(`${path} has no paragraph that could describe it`)
  return first.replace(/\s*\n\s*/g, ' ').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
}

/** Up to the full stop; a colon ends it, too, when what it announces is no part of the paragraph. */
export function firstSentence(path: string, text: string): string {
  const paragraph = firstParagraph(path, text)
  const sentence = /^.*?[.:?!](?=\s+[A-Z`_*"(]|$)/.exec(paragraph)?.[0] ?? paragraph
  return sentence.replace(/:$/, '.')
}
