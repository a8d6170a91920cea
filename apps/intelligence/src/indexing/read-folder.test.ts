import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FolderError, readFolder } from './read-folder.ts'
import type { FolderDocument, ReadFolderOptions, Skipped } from './read-folder.ts'

let folder = ''
beforeEach(() => void (folder = realpathSync(mkdtempSync(join(tmpdir(), 'folder-')))))
afterEach(() => rmSync(folder, { recursive: true }))

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
}

async function read(path = folder, options: ReadFolderOptions = {}): Promise<(FolderDocument | Skipped)[]> {
  const found: (FolderDocument | Skipped)[] = []
  for await (const one of readFolder(path, options)) found.push(one)
  return found
}

/** `path` for what was read, `path: reason` for what was not. */
async function outline(path = folder, options: ReadFolderOptions = {}): Promise<string[]> {
  const found = await read(path, options)
  return found.map((one) => (one.kind === 'document' ? one.path : `${one.path}: ${one.reason}`))
}

test('Markdown and text files are read with their titles, in a steady order', async () => {
  write('b.md', '\ufeff# The *B*\n\ntext')
  write('a.TXT', 'plain é')
  write('sub/c.rst', 'Title\n=====\n')
  write('sub/deep/d.markdown', '```\n# no\n```\n')
  write('z.mdx', 'import x\n\n## Use\n')
  const found = await read()
  expect(found).toHaveLength(5)
  expect(found.map((one) => one.kind === 'document' && [one.path, one.title, one.type])).toEqual([
    ['a.TXT', 'a', 'text'],
    ['b.md', 'The B', 'markdown'],
    ['z.mdx', 'Use', 'markdown'],
    ['sub/c.rst', 'Title', 'rst'],
    ['sub/deep/d.markdown', 'd', 'markdown'],
  ])
  expect(found[0]).toMatchObject({ content: 'plain é', size: 8, absolutePath: join(folder, 'a.TXT') })
  expect(found[1]).toMatchObject({ content: '# The *B*\n\ntext' })
  expect(found[0]?.kind === 'document' && found[0].modifiedAt).toBeGreaterThan(1.6e12)
})

test('whatever is not read is reported with its reason', async () => {
  write('binary.md', 'abc\0def')
  write('latin1.txt', Uint8Array.from([0x63, 0x61, 0x66, 0xe9]))
  write('empty.md', '')
  write('blank.md', ' \n\t\n')
  write('big.md', 'x'.repeat(101))
  write('just.md', 'x'.repeat(100))
  write('code.ts', 'x')
  write('.git/notes.md', '# hidden')
  write('node_modules/p/readme.md', '# package')
  execFileSync('mkfifo', [join(folder, 'pipe.md')])
  expect(await outline(folder, { maxBytes: 100 })).toEqual([
    '.git: hidden',
    'big.md: too_large',
    'binary.md: binary',
    'blank.md: empty',
    'code.ts: other_type',
    'empty.md: empty',
    'just.md',
    'latin1.txt: not_utf8',
    'node_modules: node_modules',
    'pipe.md: not_a_file',
  ])
  const skipped = (await read(folder, { maxBytes: 100 })).filter((one) => one.kind === 'skipped')
  expect(skipped.find((one) => one.path === 'big.md')?.message).toBe('larger than 100 bytes')
  expect(skipped.find((one) => one.path === 'binary.md')?.message).toBe('not a text: byte 3 is zero')
})

test('a file may have two mebibytes unless told otherwise', async () => {
  write('fits.md', 'x'.repeat(2 * 1024 * 1024))
  write('more.md', 'x'.repeat(2 * 1024 * 1024 + 1))
  expect(await outline()).toEqual(['fits.md', 'more.md: too_large'])
})

test('links are followed inside the folder, once, and loops end', async () => {
  write('a.md', '# A')
  write('sub/b.md', '# B')
  write('.store/kept.md', '# Kept')
  symlinkSync('..', join(folder, 'sub', 'up'))
  symlinkSync('loop', join(folder, 'loop'))
  symlinkSync('nowhere.md', join(folder, 'broken.md'))
  symlinkSync('a.md', join(folder, 'A-first.md'))
  symlinkSync('.store', join(folder, 'store'))
  symlinkSync(join('.store', 'kept.md'), join(folder, 'z.md'))
  symlinkSync(tmpdir(), join(folder, 'outside'))
  expect((await outline()).toSorted()).toEqual([
    '.store: hidden',
    'A-first.md: already_read',
    'a.md',
    'broken.md: broken_link',
    'loop: broken_link',
    'outside: link_outside',
    'store/kept.md',
    'sub/b.md',
    'sub/up: already_read',
    'z.md: already_read',
  ])
})

test('a folder inside installed packages or a hidden one can be given itself', async () => {
  write('node_modules/p/readme.md', '# P')
  write('node_modules/p/node_modules/q/readme.md', '# Q')
  write('.notes/n.md', '# N')
  write('.notes/.git/x.md', '# X')
  const inside = await outline(join(folder, 'node_modules', 'p'))
  expect(inside).toEqual(['readme.md', 'node_modules/q/readme.md'])
  expect(await outline(join(folder, '.notes'))).toEqual(['.git: hidden', 'n.md'])
})

test('a folder that is missing, a file or a broken link is a clear error', async () => {
  write('file.md', '# F')
  symlinkSync('nowhere', join(folder, 'broken'))
  await expect(read(join(folder, 'no'))).rejects.toThrow(FolderError)
  await expect(read(join(folder, 'no'))).rejects.toThrow(/folder ".*no": it does not exist/)
  await expect(read(join(folder, 'broken'))).rejects.toThrow('it does not exist')
  await expect(read(join(folder, 'file.md'))).rejects.toThrow('it is a file. Give the folder it is in')
  await expect(read(folder, { maxBytes: 0 })).rejects.toThrow('maxBytes = 0')
})

test('what vanishes between listing and reading is a skip, and the rest is read', async () => {
  for (const name of ['a.md', 'b.md', 'c.md']) write(name, `# ${name}`)
  write('sub/d.md', '# D')
  const found: string[] = []
  for await (const one of readFolder(folder)) {
    found.push(one.kind === 'document' ? one.path : `${one.path}: ${one.reason}`)
    if (found.length > 1) continue
    rmSync(join(folder, 'b.md'))
    rmSync(join(folder, 'sub'), { recursive: true })
  }
  expect(found).toEqual(['a.md', 'b.md: unreadable', 'c.md', 'sub: unreadable'])
})

test('reading can be stopped, and leaves no file open', async () => {
  for (const name of ['a.md', 'b.md']) write(name, '# x')
  const stop = new AbortController()
  const reading = readFolder(folder, { signal: stop.signal })
  expect((await reading.next()).done).toBe(false)
  stop.abort(new Error('enough'))
  await expect(reading.next()).rejects.toThrow('enough')
})
