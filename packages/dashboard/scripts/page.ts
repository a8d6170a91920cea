/** Makes one HTML document of src/page, and says with what it may be served. */
import { createHash } from 'node:crypto'
import { globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Rolldown } from 'vite'

const home = join(import.meta.dirname, '..')
const source = join(home, 'src/page')
export const target: string = join(home, 'src/built/page.js')

/** Builds the page when its sources are others than it was built from. Says whether it did. */
export async function ensurePage(): Promise<boolean> {
  const hash = sourceHash()
  if (builtFrom() === hash) return false
  await buildPage(hash)
  return true
}

export async function buildPage(hash: string = sourceHash()): Promise<void> {
  const { script, style } = await bundle()
  const html = assemble(script, style)
  const hashes = { script: digest(script), style: digest(style) }
  const values = {
    pageHtml: html,
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

async function bundle(): Promise<{ script: string; style: string }> {
  // Whoever has a current page needs no bundler, and may have none.
  const { build } = await import('vite')
  // Inside a test runner it would build a page for tests.
  const before = process.env['NODE_ENV']
  process.env['NODE_ENV'] = 'production'
  const configFile = join(home, 'vite.config.ts')
  const result = (await build({ root: source, configFile, logLevel: 'warn' })) as Rolldown.RolldownOutput
  if (before === undefined) delete process.env['NODE_ENV']
  else process.env['NODE_ENV'] = before
  const script = result.output.find((part) => part.type === 'chunk')!.code.trim()
  const sheet = result.output.find((part) => part.type === 'asset' && part.fileName.endsWith('.css'))
  const style = String((sheet as Rolldown.OutputAsset).source).trim()
  // Inside a script element these would end it, or begin a comment.
  if (/<\/script|<!--/i.test(script)) throw new Error('The script cannot stand in a document as it is.')
  return { script, style }
}

function assemble(script: string, style: string): string {
  return readFileSync(join(source, 'index.html'), 'utf8')
    .replace('<!--style-->', () => `<style>${style}</style>`)
    .replace('<!--script-->', () => `<script type="module">${script}</script>`)
    .replace('<!doctype html>', () => `<!doctype html>\n<!--\n${notices()}-->`)
}

/** Whose work is in the page; the text of the licence is in NOTICES.md of this package. */
function notices(): string {
  return ['preact', 'uplot']
    .map((name) => {
      const licence = readFileSync(join(home, '../../node_modules', name, 'LICENSE'), 'utf8')
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

function sourceHash(): string {
  const hash = createHash('sha256')
  const names = globSync(['src/page/**/*', 'vite.config.ts', 'package.json', 'scripts/{page,lean-plot}.ts'], {
    cwd: home,
    exclude: ['**/*.test.ts'],
    withFileTypes: false,
  })
  for (const name of names.filter((path) => /\.\w+$/.test(path)).sort()) {
    hash
      .update(name.replaceAll('\\', '/'))
      .update('\0')
      .update(readFileSync(join(home, name)))
  }
  return hash.digest('hex')
}

function builtFrom(): string | undefined {
  try {
    return /sourceHash = "(\w+)"/.exec(readFileSync(target, 'utf8'))?.[1]
  } catch {
    return undefined
  }
}
