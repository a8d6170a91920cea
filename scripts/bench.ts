/** `npm run bench -- <name>`: runs bench/<name>.ts with the arguments that follow. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { house, step } from './steps.ts'

const [name, ...args] = process.argv.slice(2)
const names = readdirSync(join(house, 'bench'))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => file.slice(0, -'.ts'.length))

if (name === undefined || !names.includes(name)) {
  const complaint = name === undefined ? 'Which benchmark?' : `There is no benchmark "${name}".`
  const width = Math.max(0, ...names.map((known) => known.length))
  const list = names.map((known) => `  ${known.padEnd(width)}  ${purpose(known)}`.trimEnd()).join('\n')
  console.error(`${complaint} Run one of them with: npm run bench -- <name>\n\n${list || '  (none yet)'}`)
  process.exit(2)
}
step(`bench ${name}`, process.execPath, '--conditions=keepwarm-source', `bench/${name}.ts`, ...args)

/** The first sentence of the file's opening comment. */
function purpose(known: string): string {
  const source = readFileSync(join(house, 'bench', `${known}.ts`), 'utf8')
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(source)?.[1] ?? ''
  return (comment.replace(/\s*\n?\s*\*\s/g, ' ').split(/[.:](?:\s|$)/)[0] ?? '').trim()
}
