/** What the pages say is true: their code compiles and runs, their commands exist, their links lead somewhere. */
import { execFile } from 'node:child_process'
import { existsSync, globSync, rmSync, statSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { modulesOf, typeErrors, writeModules } from './code-blocks.ts'
import { anchorsIn, blocksIn, linksIn } from './markdown.ts'
import { house, read } from './sources.ts'

const run = promisify(execFile)

const pages = globSync(
  [
    'README.md',
    'CHANGELOG.md',
    'docs/**/*.md',
    'packages/*/README.md',
    'apps/*/README.md',
    'examples/README.md',
  ],
  { cwd: house },
)
  .map((path) => path.replaceAll('\\', '/'))
  .sort()

const scratch = `.data/docs-blocks-${process.pid}`
const modules = pages.flatMap((page) => modulesOf(page, read(page)))

beforeAll(() => writeModules(scratch, modules))
afterAll(() => rmSync(join(house, scratch), { recursive: true, force: true }))

test('there is a page to begin with, and it has code that runs', () => {
  expect(pages).toContain('README.md')
  expect(modules.filter(({ page, runs }) => page === 'README.md' && runs)).not.toEqual([])
})

test('every block of TypeScript and JavaScript compiles', async () => {
  expect(await typeErrors(scratch, modules)).toEqual([])
}, 60_000)

test.each(modules.filter(({ runs }) => runs))(
  '$page:$line runs to its end',
  async ({ file }) => {
    const block = ['--conditions=keepwarm-source', join(scratch, file)]
    await expect(run(process.execPath, block, { cwd: house, timeout: 30_000 })).resolves.toBeDefined()
  },
  40_000,
)

test('every npm script that a page names exists', () => {
  const unknown = pages.flatMap((page) =>
    shellLines(page).flatMap(({ text, line }) =>
      unknownScripts(text).map((name) => `${page}:${line}: there is no script "${name}"`),
    ),
  )
  expect(unknown).toEqual([])
})

test('every relative link leads to a file, and to a heading that the file has', () => {
  const broken = pages.flatMap((page) =>
    linksIn(read(page))
      .filter(({ target }) => !/^[a-z]+:/.test(target) && !leadsSomewhere(page, target))
      .map(({ target, line }) => `${page}:${line}: ${target} leads nowhere`),
  )
  expect(broken).toEqual([])
})

test('the reader of pages finds blocks, links and headings', () => {
  const page =
    '# One `two`: three\n\n[a](b.md#c) `[no](code.md)` <img src="d.png" />\n\n```ts run\nlet x = 1\n```\n\n- item\n\n  ```bash\n  npm test\n  ```\n\n# One two three\n'
  expect(blocksIn(page)).toEqual([
    { language: 'ts', words: ['run'], line: 6, code: 'let x = 1' },
    { language: 'bash', words: [], line: 12, code: 'npm test' },
  ])
  expect(linksIn(page)).toEqual([
    { target: 'b.md#c', line: 3 },
    { target: 'd.png', line: 3 },
  ])
  expect(anchorsIn(page)).toEqual(['one-two-three', 'one-two-three-1'])
})

test('a block that does not compile is named by its page and line', async () => {
  const wrong = modulesOf(
    'docs/wrong.md',
    "# Wrong\n\n```ts\nconst port: number = 'eighty'\n```\n\n```ts continues\nport.trim()\n```\n",
  )
  expect(wrong).toHaveLength(1)
  const folder = `${scratch}-wrong`
  try {
    writeModules(folder, wrong)
    const errors = await typeErrors(folder, wrong)
    expect(errors.map((error) => error.split(' error')[0])).toEqual([
      'docs/wrong.md:4:7:',
      'docs/wrong.md:8:6:',
    ])
  } finally {
    rmSync(join(house, folder), { recursive: true, force: true })
  }
}, 60_000)

test('a block may be a file that others of its page import, and no two have one name', () => {
  const two =
    '```ts file=a.ts\nexport const a = 1\n```\n\n```ts run file=b.ts\nimport { a } from "./a.ts"\n```\n'
  expect(modulesOf('docs/page.md', two).map(({ file }) => file)).toEqual([
    'docs--page.md/a.ts',
    'docs--page.md/b.ts',
  ])
  expect(() => modulesOf('docs/page.md', two.replace('b.ts', 'a.ts'))).toThrow(
    'docs/page.md:6: the page has two',
  )
})

function shellLines(page: string): { text: string; line: number }[] {
  return blocksIn(read(page))
    .filter(({ language }) => ['bash', 'sh', 'shell', 'console'].includes(language))
    .flatMap(({ code, line }) => code.split('\n').map((text, index) => ({ text, line: line + index })))
}

function unknownScripts(line: string): string[] {
  const workspace = /(?:-w|--workspace)[ =](\S+)/.exec(line)?.[1]
  const known = scriptsOf(workspace)
  const named = [...line.matchAll(/\bnpm (?:run (?:-s |--silent )?([\w:-]+)|(start|test)\b)/g)].map(
    ([, script, short]) => script ?? short ?? '',
  )
  return named.filter((name) => !known.includes(name))
}

function scriptsOf(workspace: string | undefined): string[] {
  const manifests = globSync(workspace === undefined ? 'package.json' : '{packages,apps}/*/package.json', {
    cwd: house,
  })
  const parsed = manifests.map(
    (path) => JSON.parse(read(path)) as { name: string; scripts?: Record<string, string> },
  )
  const chosen = parsed.filter(
    ({ name }) => workspace === undefined || name === workspace || workspace.endsWith(`/${name}`),
  )
  return chosen.flatMap(({ scripts }) => Object.keys(scripts ?? {}))
}

function leadsSomewhere(page: string, target: string): boolean {
  const [path = '', anchor] = decodeURIComponent(target).split('#')
  const file = path === '' ? page : posix.join(dirname(page), path)
  if (!existsSync(join(house, file))) return false
  if (anchor === undefined || !file.endsWith('.md')) return true
  return statSync(join(house, file)).isFile() && anchorsIn(read(file)).includes(anchor)
}
