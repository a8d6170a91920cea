import { expect, test } from 'vitest'
import { readSettings } from '../config/settings.ts'
import { accept, Problem } from '../routes/problems.ts'
import { newDocument } from '../routes/new-document.ts'
import { makeApp } from './http.ts'

test('logs tell of each request whose it was and how it ended, and nothing of what was in it', async () => {
  const lines: string[] = []
  await using app = makeApp(readSettings({ LOG_LEVEL: 'trace' }), { write: (line) => void lines.push(line) })
  app.post('/documents', (request) => {
    const { content } = accept(newDocument, request.body, 'the document')
    if (content.startsWith('secret fault')) throw new TypeError('a fault')
    throw new Problem(409, 'no')
  })
  const headers = { authorization: 'Bearer secret-token', 'x-request-id': 'req-9', host: 'localhost' }
  for (const content of ['secret text', 'secret fault', 7])
    await app.inject({ method: 'POST', url: '/documents?q=secret', headers, payload: { content } })
  const text = lines.join('')
  expect(text).toContain('"req-9"')
  expect(text).toContain('"path":"/documents"')
  expect(text).toContain('a fault')
  expect(text).toContain('"statusCode":409')
  expect(text).not.toContain('secret')
})
