/** Errors go into logs and terminals: what a stranger wrote neither begins a line there, nor colours, nor turns the text. */
import { expect, test } from 'vitest'
import { clientOf, failureOf } from './support/client-tools.ts'
import { eachRequest, startRaw } from './support/servers.ts'

/** Control characters of both kinds, line ends, and marks that turn the direction of text. */
const active = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

const evil = '\u001b[31mred\u001b[0m\r\nlevel=info forged=yes\u2028\u009b31m\u0007\u202elive'
/** Of these a header may have. */
const evilHeader = `a\u009b31m${'x'.repeat(8_000)}`

const answer = (status: string, headers: string, body: string = evil): string =>
  `HTTP/1.1 ${status}\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

test.each([
  ['the body of an error', answer('500 Oops', '')],
  [
    'a problem',
    answer(
      '400 Bad',
      'content-type: application/problem+json\r\n',
      JSON.stringify({ title: evil, detail: evil }),
    ),
  ],
  ['what is no JSON', answer('200 OK', '')],
  ['what is all but JSON', answer('200 OK', 'content-type: application/json\r\n', `{"a": ${evil}`)],
  ['a page', answer('200 OK', 'content-type: text/html\r\n', `<html><title>${evil}</title></html>`)],
  ['a content-type', answer('200 OK', `content-type: ${evilHeader}\r\n`)],
  ['a charset', answer('200 OK', `content-type: text/plain; charset="${evilHeader}"\r\n`)],
  ['a content-encoding', answer('200 OK', `content-encoding: ${evilHeader}\r\n`)],
  ['a location that is no URL', answer('302 Found', `location: http://[${evilHeader}\r\n`)],
  ['a location of another kind', answer('302 Found', `location: ftp:${evilHeader}\r\n`)],
  ['a reason', answer(`500 ${evilHeader}`, '')],
  ['garbage', evil],
])('%s does nothing in a log', async (_, bytes) => {
  await using server = await startRaw((socket) => eachRequest(socket, () => void socket.end(bytes)))
  await using client = clientOf(server, { retry: false, followRedirects: 2 })
  const error = await failureOf(client.get('/').json())
  expect(error.message).not.toMatch(active)
  expect(error.message.length).toBeLessThan(2_000)
})

test.each([
  ['a path', '/\u001b[31m\r\n\u2028\u202e'],
  ['a host', 'http://e\u202evil\u0085/\u009b'],
  ['a scheme', 'ftp://x\u2028\u009b/'],
])('%s does nothing in a log', async (_, path) => {
  await using server = await startRaw((socket) =>
    eachRequest(socket, () => void socket.end(answer('500 Oops', ''))),
  )
  await using client = clientOf(server, { retry: false })
  expect((await failureOf(client.get(path).json())).message).not.toMatch(active)
})
