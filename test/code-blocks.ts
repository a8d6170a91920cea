/** Makes modules of the code blocks of a page, and says what the compiler thinks of them. */
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { blocksIn } from './markdown.ts'
import type { Block } from './markdown.ts'
import { house } from './sources.ts'

const run = promisify(execFile)

/**
 * One file made of a page's block, and of the blocks marked `continues` that follow it, each on its own line. A block
 * marked `file=name.ts` is a file of that name, which the page's other named files may import.
 */
export interface Module {
  readonly page: string
  readonly file: string
  readonly line: number
  readonly runs: boolean
  readonly source: string
}

/** The modules that a page's blocks make. */
export function modulesOf(page: string, text: string): Module[] {
  const made: Module[] = []
  for (const block of blocksIn(text).filter(({ language }) => extensionOf(language) !== undefined)) {
    const before = made.at(-1)
    if (block.words.includes('continues') && before !== undefined)
      made[made.length - 1] = continued(before, block)
    else
      made.push(
        continued({ page, line: block.line, file: fileName(page, block), runs: false, source: '' }, block),
      )
  }
  const twice = made.find(({ file }, index) => made.findIndex((other) => other.file === file) !== index)
  if (twice !== undefined) throw new Error(`${page}:${twice.line}: the page has two files of this name`)
  return made
}

/** The blank lines put each block where it stands in its page, so that an error's line is the page's line. */
function continued(module: Module, block: Block): Module {
  const written = module.source.split('\n').length
  const source = module.source + '\n'.repeat(block.line - written) + block.code + '\n'
  return { ...module, source, runs: module.runs || block.words.includes('run') }
}

function fileName(page: string, { line, language, words }: Block): string {
  const folder = page.replaceAll('/', '--')
  const name = words.find((word) => word.startsWith('file='))?.slice('file='.length)
  return name === undefined ? `${folder}.${line}.${extensionOf(language)}` : `${folder}/${name}`
}

function extensionOf(language: string): string | undefined {
  if (['ts', 'typescript', 'mts'].includes(language)) return 'ts'
  return ['js', 'javascript', 'mjs'].includes(language) ? 'js' : undefined
}

/** Writes the modules to a folder inside the repository, so that they find its packages. */
export function writeModules(folder: string, of: readonly Module[]): void {
  for (const { file, source } of of) {
    mkdirSync(dirname(join(house, folder, file)), { recursive: true })
    writeFileSync(join(house, folder, file), source)
  }
}

/** Compiles the modules of a folder together. */
export async function typeErrors(folder: string, of: readonly Module[]): Promise<string[]> {
  if (of.length === 0) return []
  const project = {
    extends: '../../tsconfig.json',
    compilerOptions: {
      noUnusedLocals: false,
      noUnusedParameters: false,
      moduleDetection: 'force',
      allowJs: true,
      checkJs: true,
    },
    include: ['**/*'],
    exclude: [],
  }
  writeFileSync(join(house, folder, 'tsconfig.json'), JSON.stringify(project))
  const tsc = join(house, 'node_modules/typescript/bin/tsc')
  const said = await run(process.execPath, [tsc, '--pretty', 'false', '-p', folder], { cwd: house }).then(
    () => '',
    (failure: unknown) => {
      const { stdout } = failure as { stdout: string }
      if (!stdout.includes('error TS')) throw failure
      return stdout
    },
  )
  return said
    .split('\n')
    .filter((line) => line.includes('error TS'))
    .map((line) => onItsPage(line, of))
}

/** `…/docs--guide.md.12.ts(14,3): error …` becomes `docs/guide.md:14:3: error …`. */
function onItsPage(line: string, of: readonly Module[]): string {
  const [, path = '', row, column, rest] = /^(.*)\((\d+),(\d+)\): (.*)$/.exec(line) ?? []
  const module = of.find(({ file }) => path.endsWith(`/${file}`))
  return module === undefined ? line : `${module.page}:${row}:${column}: ${rest}`
}
