import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { takeDataFolder } from './data-folder.ts'

function place(): string {
  const path = mkdtempSync(join(tmpdir(), 'keepwarm-folder-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('a folder that is given is made with all above it, and kept', () => {
  const path = join(place(), 'a', 'b')
  const folder = takeDataFolder(path)
  expect(folder).toMatchObject({ path, temporary: false })
  folder.release()
  takeDataFolder(path).release()
})

test('a file is no folder, nor is there one below it', () => {
  const file = join(place(), 'file')
  writeFileSync(file, '')
  for (const path of [file, join(file, 'below')]) {
    expect(() => takeDataFolder(path)).toThrow(
      /DATA_DIR = ".*"\n +expected a folder that can be written: \w+/,
    )
  }
})

test.runIf(process.platform === 'linux')(
  'a place where no folder can be made is refused, not tried for ever',
  () => {
    expect(() => takeDataFolder('/proc/no-such/folder')).toThrow('expected a folder that can be written')
  },
)
