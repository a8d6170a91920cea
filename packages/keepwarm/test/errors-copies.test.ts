/** Two copies of the library in one process: a version that a package brought along, or one that was bundled. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import * as here from '../src/errors.ts'
import { findKeepwarmError, isKeepwarmError } from '../src/is-keepwarm-error.ts'

const source = join(import.meta.dirname, '../src')
const folder = mkdtempSync(join(tmpdir(), 'keepwarm-copy-'))
for (const file of readdirSync(source)) {
  if (/^[\w-]+\.ts$/.test(file)) cpSync(join(source, file), join(folder, file))
}
const there = (await import(/* @vite-ignore */ pathToFileURL(join(folder, 'errors.ts')).href)) as typeof here

afterAll(() => rmSync(folder, { recursive: true }))

const response = { status: 404, headers: {}, body: '' }

test('it is another copy', () => {
  expect(there.KeepwarmError).not.toBe(here.KeepwarmError)
  expect(Object.getPrototypeOf(new there.KeepwarmError('reset', ''))).not.toBe(here.KeepwarmError.prototype)
})

test('instanceof and isKeepwarmError know the errors of the other copy, and their kinds', () => {
  const reset = new there.KeepwarmError('reset', 'lost')
  const status = new there.HttpStatusError('404', response)
  const config = new there.ConfigError([])
  for (const error of [reset, status, config]) {
    expect(error instanceof here.KeepwarmError).toBe(true)
    expect(isKeepwarmError(error)).toBe(true)
  }
  expect(status instanceof here.HttpStatusError).toBe(true)
  expect(config instanceof here.ConfigError).toBe(true)
  expect((reset as unknown) instanceof here.HttpStatusError).toBe(false)
  expect((status as unknown) instanceof here.ConfigError).toBe(false)
  expect(isKeepwarmError(status, 'status') && status.status).toBe(404)
  expect(findKeepwarmError(new TypeError('fetch failed', { cause: reset }), 'reset')).toBe(reset)
})

test('a class of the user that extends one copy is no class of the other', () => {
  class OrderError extends here.KeepwarmError {}
  class TheirOrderError extends there.KeepwarmError {}
  expect(new there.KeepwarmError('reset', '') instanceof OrderError).toBe(false)
  expect(new TheirOrderError('reset', '') instanceof OrderError).toBe(false)
  expect(new TheirOrderError('reset', '') instanceof here.KeepwarmError).toBe(true)
})
