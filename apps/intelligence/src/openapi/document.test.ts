import { expect, test } from 'vitest'
import { openApiDocument, operationId } from './document.ts'
import { operations } from './operations.ts'

interface Described {
  readonly parameters?: readonly { name: string; in: string; required: boolean; schema: object }[]
  readonly requestBody?: { required: boolean; content: Record<string, { schema: object }> }
  readonly responses: Record<string, unknown>
}

const document = openApiDocument({ guarded: false }) as unknown as {
  paths: Record<string, Record<string, Described>>
  security?: unknown
}

test('every operation has a name of its own', () => {
  const names = operations.map(({ method, path }) => operationId(method, path))
  expect(new Set(names).size).toBe(operations.length)
  expect(names).toContain('getDocumentsByIdStatus')
})

test('queries become parameters with their limits, and a name in the path is required', () => {
  expect(document.paths['/documents/{id}/related']?.['get']?.parameters).toMatchObject([
    { name: 'id', in: 'path', required: true },
    { name: 'limit', in: 'query', required: false, schema: { default: 10, minimum: 1, maximum: 100 } },
  ])
  const search = document.paths['/search']?.['get']?.parameters
  expect(search?.find(({ name }) => name === 'q')).toMatchObject({ required: true })
})

test('a body is required where nothing cannot be used', () => {
  expect(document.paths['/documents']?.['post']?.requestBody).toMatchObject({ required: true })
  expect(document.paths['/dead-letters/redrive']?.['post']?.requestBody).toMatchObject({ required: false })
})

test('nothing points to what is not there, and only a guarded service asks for a token', () => {
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, ref]) => ref)
  expect(new Set(refs)).toEqual(new Set(['#/components/schemas/Problem']))
  expect(document.security).toBeUndefined()
  expect(openApiDocument({ guarded: true })).toMatchObject({
    security: [{ token: [] }],
    components: { securitySchemes: { token: { scheme: 'bearer' } } },
  })
})
