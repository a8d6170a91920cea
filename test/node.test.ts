/** Which Node the tests are really on, so that a run on another one cannot quietly be a run on the usual one. */
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('the tests, and the programs they start, run on the Node that the run was started with', () => {
  const wanted = process.env['KEEPWARM_NODE'] ?? process.version
  console.log(`the tests run on Node ${process.version}`)
  expect(process.version).toBe(wanted)
  const found = execFileSync('node', ['--version'], { encoding: 'utf8' }).trim()
  if (process.env['KEEPWARM_NODE'] !== undefined) expect(found).toBe(wanted)
})

test('that Node is one the library promises to work on', () => {
  expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(24)
})
