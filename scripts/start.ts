/**
 * `npm start`: the reference service, from its sources, with all arguments. Each signal reaches it once: Ctrl-C
 * comes through the terminal, and once more through npm, which is dropped here; what a supervisor sends to npm is
 * passed on. The `exec` in package.json is for that: a shell in between would die of SIGTERM and leave us behind.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensureServicePage } from '../apps/intelligence/scripts/page.ts'
import { ensurePage } from '../packages/dashboard/scripts/page.ts'
import { house } from './steps.ts'

// Pages are built where they are missing or old. A service without a page is a service all the same.
for (const ensure of [ensurePage, ensureServicePage])
  await ensure().catch((error: unknown) => console.error('A page of the service is not built:', error))

const main = join(house, 'apps/intelligence/src/main.ts')
const program = ['--conditions=keepwarm-source', main, ...process.argv.slice(2)]
const service = spawn(process.execPath, program, { stdio: 'inherit' })

const atTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
const passedOn = new Set<NodeJS.Signals>(atTerminal ? ['SIGINT'] : [])

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (passedOn.has(signal)) return
    passedOn.add(signal)
    service.kill(signal)
  })
}

service.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
})
