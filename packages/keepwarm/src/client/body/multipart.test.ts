import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { multipart } from './multipart.ts'

const boundary = 'BOUNDARY'

async function written(form: FormData): Promise<Buffer> {
  const whole = multipart(form, boundary)
  const bytes = Buffer.concat(await Readable.from(whole.parts()).toArray())
  expect(bytes.length).toBe(whole.length)
  return bytes
}

test('texts and files, byte for byte', async () => {
  const form = new FormData()
  form.append('title', 'Käse')
  form.append('file', new File(['a\r\nb'], 'report.txt', { type: 'text/plain' }))
  form.append('file', new Blob(['raw']))
  expect((await written(form)).toString()).toBe(
    [
      '--BOUNDARY',
      'Content-Disposition: form-data; name="title"',
      '',
      'Käse',
      '--BOUNDARY',
      'Content-Disposition: form-data; name="file"; filename="report.txt"',
      'Content-Type: text/plain',
      '',
      'a',
      'b',
      '--BOUNDARY',
      'Content-Disposition: form-data; name="file"; filename="blob"',
      'Content-Type: application/octet-stream',
      '',
      'raw',
      '--BOUNDARY--',
      '',
    ].join('\r\n'),
  )
})

test('quotes and line breaks in names cannot end a header, and line breaks in texts are CRLF', async () => {
  const form = new FormData()
  form.append('a"\r\nX-Evil: 1\n\r', 'x\ny\rz\r\n')
  form.append('f', new File(['x'], '"; name="b"\r\nX-Evil: 2\n'))
  const text = (await written(form)).toString()
  expect(text).toContain('name="a%22%0D%0AX-Evil: 1%0D%0A%0D%0A"\r\n\r\nx\r\ny\r\nz\r\n\r\n')
  expect(text).toContain('filename="%22; name=%22b%22%0D%0AX-Evil: 2%0A"')
  expect(text).not.toMatch(/^X-Evil/m)
})

test('a type that could write headers is not used', async () => {
  const file = new File(['x'], 'f')
  Object.defineProperty(file, 'type', { value: 'text/plain\r\nX-Evil: 1' })
  const entries = [['f', file]] as const
  const parts = await Readable.from(multipart(entries, boundary).parts()).toArray()
  expect(Buffer.concat(parts).toString()).toContain('\r\nContent-Type: application/octet-stream\r\n')
})

test('the entries are those of the moment, and can be written again', async () => {
  const form = new FormData()
  form.append('a', '1')
  const whole = multipart(form, boundary)
  form.append('b', '2')
  const first = Buffer.concat(await Readable.from(whole.parts()).toArray()).toString()
  expect(first).not.toContain('"b"')
  expect(Buffer.concat(await Readable.from(whole.parts()).toArray()).toString()).toBe(first)
})

test('whatever the names, texts and files are, each entry arrives as it was, and no other', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 20 })
  const nasty = fc.oneof(
    text,
    fc.stringMatching(/^["\r\n:;=a%-]{0,12}$/),
    fc.constantFrom('"; filename="x', '\r\n\r\nevil', '\r\n--OTHER--\r\n', 'a\r\nContent-Type: x'),
  )
  const entry = fc.oneof(
    fc.record({ name: nasty, value: nasty }),
    fc.record({ name: nasty, bytes: fc.uint8Array({ maxLength: 40 }), fileName: nasty }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 6 }), async (entries) => {
      const form = new FormData()
      for (const one of entries) {
        if ('value' in one) form.append(one.name, one.value)
        else form.append(one.name, new File([one.bytes as Uint8Array<ArrayBuffer>], one.fileName))
      }
      const bytes = await written(form)
      const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` }
      const read = await new Response(new Blob([bytes as Uint8Array<ArrayBuffer>]), { headers }).formData()
      const expected = await Promise.all([...form].map(([name, value]) => plain(crlf(name), value, crlf)))
      const arrived = await Promise.all([...read].map(([name, value]) => plain(name, value, (same) => same)))
      expect(arrived).toEqual(expected)
    }),
    { numRuns: 300 },
  )
})

function crlf(text: string): string {
  return text.replace(/\r\n?|\n/g, '\r\n')
}

async function plain(
  name: string,
  value: string | File,
  textOf: (text: string) => string,
): Promise<readonly unknown[]> {
  if (typeof value === 'string') return [name, textOf(value)]
  return [name, value.name, Buffer.from(await value.arrayBuffer()).toString('hex')]
}
