import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { contentHash, contentSize, documentId, nameKey } from './identity.ts'

const hex = (text: string) => createHash('sha256').update(text).digest('hex')

test("a caller's own id is kept", () => {
  expect(documentId({ id: 'mine', source: 'a.md', title: 'A', content: 'x' })).toBe('mine')
})

test('the id comes from the source, whatever the content', () => {
  const id = documentId({ source: 'docs/a.md', title: 'A', content: 'x' })
  expect(id).toBe(`doc_${hex('docs/a.md').slice(0, 12)}`)
  expect(documentId({ source: 'docs/a.md', title: 'B', content: 'y' })).toBe(id)
  expect(documentId({ source: 'docs/b.md', title: 'A', content: 'x' })).not.toBe(id)
})

test('without a source it comes from the title and the first 100 characters', () => {
  const content = 'c'.repeat(100)
  const id = documentId({ id: '', source: '', title: 'A', content })
  expect(id).toBe(`doc_${hex(`A${content}`).slice(0, 12)}`)
  expect(documentId({ title: 'A', content: `${content} and more` })).toBe(id)
  expect(documentId({ title: 'B', content })).not.toBe(id)
})

test('hash and size are those of the UTF-8 bytes', () => {
  expect(contentHash('é')).toBe(
    createHash('sha256')
      .update(Buffer.from([0xc3, 0xa9]))
      .digest('hex'),
  )
  expect(contentSize('é🙂')).toBe(6)
})

test('names are compared without case, accents and doubled spaces', () => {
  expect(nameKey('  Café  NOIR ')).toBe('cafe noir')
  expect(nameKey('ﬁle')).toBe('file')
  expect(nameKey('ΑΘΉΝΑ')).toBe(nameKey('Αθήνα'))
})
