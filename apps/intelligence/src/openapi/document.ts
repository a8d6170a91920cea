/** The OpenAPI 3.1 document, made from the table of operations and the schemas that the routes check with. */
import { STATUS_CODES } from 'node:http'
import { z } from 'zod'
import { problem } from './answers.ts'
import { operations, type Operation } from './operations.ts'

type Json = Readonly<Record<string, unknown>>

/** @param guarded whether requests have to show a token */
export function openApiDocument({ guarded }: { readonly guarded: boolean }): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const operation of operations) {
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method.toLowerCase()]: describe(operation),
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'intelligence',
      version: '0.1.0',
      description: 'Indexes documents through pooled clients and searches them',
    },
    paths,
    components: {
      schemas: { Problem: schemaOf(problem, 'output') },
      ...(guarded ? { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } } : {}),
    },
    ...(guarded ? { security: [{ token: [] }] } : {}),
  }
}

function describe({ method, path, summary, query, body, answers }: Operation): Json {
  const parameters = [...pathParameters(path), ...queryParameters(query)]
  return {
    operationId: operationId(method, path),
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: requestBody(body) }),
    responses: { ...responses(answers), default: problemResponse },
  }
}

/** @example operationId('GET', '/documents/{id}/status') // 'getDocumentsByIdStatus' */
export function operationId(method: string, path: string): string {
  const words = path.replace(/\{(\w+)\}/g, 'by $1').split(/[^A-Za-z]+/)
  const names = words.filter((word) => word !== '').map((word) => word[0]!.toUpperCase() + word.slice(1))
  return method.toLowerCase() + names.join('')
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
}

function queryParameters(query: z.ZodObject | undefined): Json[] {
  if (query === undefined) return []
  const { properties = {}, required = [] } = schemaOf(query, 'input') as {
    properties?: Record<string, unknown>
    required?: string[]
  }
  return Object.entries(properties).map(([name, schema]) => {
    return { name, in: 'query', required: required.includes(name), schema }
  })
}

function requestBody(body: z.ZodType): Json {
  return {
    required: !body.safeParse({}).success,
    content: { 'application/json': { schema: schemaOf(body, 'input') } },
  }
}

function responses(answers: Operation['answers']): Json {
  const entries = Object.entries(answers).map(([status, answer]) => {
    const description = STATUS_CODES[status] ?? 'Answer'
    if (answer === null) return [status, { description }]
    const content =
      typeof answer === 'string'
        ? { [answer]: {} }
        : { 'application/json': { schema: schemaOf(answer, 'output') } }
    return [status, { description, content }]
  })
  return Object.fromEntries(entries) as Json
}

const problemResponse: Json = {
  description: 'What was wrong',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' })
  return withoutDefinitions(rest)
}

/** A schema that refers to itself has definitions of its own, which an inner place cannot point to: there, anything. */
function withoutDefinitions(schema: Json): Json {
  const text = JSON.stringify(schema, (key, value: unknown) => (key === '$defs' ? undefined : value))
  return JSON.parse(text.replaceAll(/\{"\$ref":"#\/\$defs\/[^"]*"\}/g, '{}')) as Json
}
