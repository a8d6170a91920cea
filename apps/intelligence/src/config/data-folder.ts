/** The folder with the database: given and kept, or temporary and removed; never shared by two processes. */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { messageOf } from '../store/errors.ts'
import { SettingsError } from './problems.ts'

export interface DataFolder {
  readonly path: string
  readonly temporary: boolean
  /** Gives the folder back; a temporary one is removed. May be called twice. */
  release(): void
}

/**
 * Takes a folder for this process alone: jobs that run there are taken for left behind by a process that died.
 *
 * @param given created when it is missing; undefined for a temporary one.
 * @throws SettingsError when it cannot be written, or another process has it.
 */
export function takeDataFolder(given: string | undefined): DataFolder {
  const temporary = given === undefined
  const path = temporary ? mkdtempSync(join(tmpdir(), 'keepwarm-data-')) : resolve(given)
  const lock = lockFolder(path, temporary)
  const remove = (): void => rmSync(path, { recursive: true, force: true })
  // Also when the process is ended in the middle of something.
  if (temporary) process.once('exit', remove)
  return {
    path,
    temporary,
    release: () => {
      if (lock.isOpen) lock.close()
      if (!temporary) return
      process.off('exit', remove)
      remove()
    },
  }
}

/** SQLite's locks belong to the process, so that one which was killed leaves none behind. */
function lockFolder(path: string, temporary: boolean): DatabaseSync {
  let lock: DatabaseSync | undefined
  try {
    makeFolder(path)
    lock = new DatabaseSync(join(path, 'in-use.lock'), { timeout: 0 })
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock?.close()
    if (temporary) throw error
    throw new SettingsError([
      { variable: 'DATA_DIR', received: JSON.stringify(path), expected: expected(error) },
    ])
  }
}

/** Folder by folder: Node's own recursion never ends where a file system says of a new folder that it does not exist. */
function makeFolder(path: string): void {
  if (isFolder(path)) return
  makeFolder(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    if (!isFolder(path)) throw error // else somebody else was quicker
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function expected(error: unknown): string {
  const taken = error instanceof Error && 'errcode' in error && error.errcode === 5
  if (taken) return 'a folder that no other process uses; stop that one, or give another folder'
  return `a folder that can be written: ${messageOf(error)}`
}
