/** Makes one HTML document of a folder of sources, and says with what it may be served. */
import { createHash } from 'node:crypto'
import { globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Rolldown } from 'vite'

export interface PageSources {
  /** The folder with vite.config.ts, where `inputs` are looked for. */
  readonly home: string
  /** Below `home`: where index.html is. */
  readonly folder: string
  /** The module that is written. */
  readonly target: string
  /** Patterns of everything that goes into the page, the scripts that make it among them. */
  readonly inputs: readonly string[]
  /** Packages whose work is in the page. */
  readonly packages: readonly string[]
}

/** Builds the page when its sources are others than it was built from. Says whether it did. */
export async function ensureBuilt(sources: PageSources): Promise<boolean> {
  const hash = sourceHash(sources)
  if (builtFrom(sources) === hash) return false
  await build(sources, hash)
  return true
}

async function build(sources: PageSources, hash: string): Promise<void> {
  const { target } = sources
  const { script, style } = await bundle(sources)
  const hashes = { script: digest(script), style: digest(style) }
  const values = {
    pageHtml: assemble(sources, script, style),
    scriptHash: hashes.script,
    styleHash: hashes.style,
    contentSecurityPolicy: policy(hashes),
    sourceHash: hash,
  }
  const lines = Object.entries(values).map(
    ([name, value]) => `export const ${name} = ${JSON.stringify(value)}\n`,
  )
  mkdirSync(join(target, '..'), { recursive: true })
  // Somebody may be reading it: it is there whole, or not yet.
  const draft = `${target}.${process.pid}`
  writeFileSync(draft, lines.join(''))
  renameSync(draft, target)
}

async function bundle({ home, folder }: PageSources): Promise<{ script: string; style: string }> {
  // Whoever has a current page needs no bundler, and may have none.
  const vite = await import('vite')
  // Inside a test runner it would build a page for tests.
  const before = process.env['NODE_ENV']
  process.env['NODE_ENV'] = 'production'
  const configFile = join(home, 'vite.config.ts')
  const made = await vite.build({ root: join(home, folder), configFile, logLevel: 'warn' })
  const result = made as Rolldown.RolldownOutput
  if (before === undefined) delete process.env['NODE_ENV']
  else process.env['NODE_ENV'] = before
  const script = result.output.find((part) => part.type === 'chunk')!.code.trim()
  const sheet = result.output.find((part) => part.type === 'asset' && part.fileName.endsWith('.css'))
  const style = String((sheet as Rolldown.OutputAsset).source).trim()
  // Inside a script element these would end it, or begin a comment.
  if (/<\/script|<!--/i.test(script)) throw new Error('The script cannot stand in a document as it is.')
  return { script, style }
}

function assemble({ home, folder, packages }: PageSources, script: string, style: string): string {
  return readFileSync(join(home, folder, 'index.html'), 'utf8')
    .replace('<!--style-->', () => `<style>${style}</style>`)
    .replace('<!--script-->', () => `<script type="module">${script}</script>`)
    .replace('<!doctype html>', () => `<!doctype html>\n<!--\n${notices(packages)}-->`)
}

/** Whose work is in the page; the text of the licences is in NOTICES.md of the dashboard. */
function notices(packages: readonly string[]): string {
  return packages
    .map((name) => {
      const licence = readFileSync(
        join(import.meta.dirname, '../../../node_modules', name, 'LICENSE'),
        'utf8',
      )
      return `${name}: MIT licence, ${/^Copyright.*$/m.exec(licence)?.[0] ?? ''}\n`
    })
    .join('')
}

function policy({ script, style }: { script: string; style: string }): string {
  return [
    "default-src 'none'",
    `script-src '${script}'`,
    `style-src '${style}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

function sourceHash({ home, inputs }: PageSources): string {
  const hash = createHash('sha256')
  const names = globSync([...inputs], { cwd: home, exclude: ['**/*.test.ts'], withFileTypes: false })
  for (const name of names.filter((path) => /\.\w+$/.test(path)).sort()) {
    hash
      .update(name.replaceAll('\\', '/'))
      .update('\0')
      .update(readFileSync(join(home, name)))
  }
  return hash.digest('hex')
}

function builtFrom({ target }: PageSources): string | undefined {
  try {
    return /sourceHash = "(\w+)"/.exec(readFileSync(target, 'utf8'))?.[1]
  } catch {
    return undefined
  }
}
