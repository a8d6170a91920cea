import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { asksForEntities, conform, type Findings, type Schema } from './conform.ts'

const findings: Findings = {
  entities: [
    { name: 'Jonah Gray', type: 'PERSON', text: 'Jonah Gray', confidence: 0.76, start: 3, end: 13 },
    { name: 'Ollama', type: 'TECHNOLOGY', text: 'Ollama', confidence: 0.9, start: 20, end: 26 },
  ],
  relationships: [{ source: 'Jonah Gray', target: 'Ollama', type: 'USES', confidence: 0.75 }],
  summary: 'A summary.',
  keyTerms: ['pool', 'socket'],
}

const schemaOf = (type: z.ZodType): Schema => z.toJSONSchema(type) as Schema

describe('conform', () => {
  test('gives the whole answer a schema asks for', () => {
    const type = z.strictObject({
      entities: z.array(
        z.strictObject({
          name: z.string(),
          type: z.string(),
          text: z.string().optional(),
          confidence: z.number(),
        }),
      ),
      relationships: z.array(z.strictObject({ source: z.string(), target: z.string(), type: z.string() })),
    })
    const answer = type.parse(conform(schemaOf(type), findings))
    expect(answer.entities[0]).toEqual({
      name: 'Jonah Gray',
      type: 'PERSON',
      text: 'Jonah Gray',
      confidence: 0.76,
    })
    expect(answer.relationships).toEqual([{ source: 'Jonah Gray', target: 'Ollama', type: 'USES' }])
  })

  test('uses the types of an enum, and leaves out what none of them fits', () => {
    const type = z.object({
      entities: z.array(z.object({ entity_name: z.string(), type: z.enum(['COMPONENT']) })),
    })
    expect(conform(schemaOf(type), findings)).toEqual({
      entities: [{ entity_name: 'Ollama', type: 'COMPONENT' }],
    })
  })

  test('follows references, takes the first choice that is not null, and keeps to limits', () => {
    const schema = {
      $defs: {
        Entity: {
          type: 'object',
          properties: { name: { type: 'string', maxLength: 3 } },
          required: ['name'],
        },
      },
      type: 'object',
      properties: {
        entities: { type: 'array', maxItems: 1, items: { $ref: '#/$defs/Entity' } },
        summary: { anyOf: [{ type: 'null' }, { type: 'string' }] },
        count: { type: 'integer', minimum: 3 },
        keywords: { type: 'array', items: { type: 'string' } },
        kind: { const: 'report' },
      },
      required: ['entities', 'summary', 'count', 'keywords', 'kind'],
    }
    expect(conform(schema, findings)).toEqual({
      entities: [{ name: 'Jon' }],
      summary: 'A summary.',
      count: 3,
      keywords: ['pool', 'socket'],
      kind: 'report',
    })
  })

  test('fills what it knows nothing about with the smallest value that conforms', () => {
    const type = z.object({
      mood: z.enum(['calm', 'cross']),
      author: z.string(),
      rating: z.number().min(1).max(5),
      sure: z.boolean(),
      notes: z.string().optional(),
      parts: z.array(z.object({ id: z.int() })).min(2),
    })
    const answer = conform(schemaOf(type), findings)
    expect(type.safeParse(answer).success).toBe(true)
    expect(answer).toMatchObject({ mood: 'calm', author: '', rating: 1, sure: false })
    expect(answer).not.toHaveProperty('notes')
  })

  test('ends on a schema that refers to itself', () => {
    const schema = { type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] }
    expect(conform(schema, findings)).toEqual({})
  })
})

test('a schema asks for entities by having the property', () => {
  expect(asksForEntities({ properties: { entities: {} } })).toBe(true)
  expect(asksForEntities({ properties: { summary: {} } })).toBe(false)
  expect(asksForEntities({})).toBe(false)
})
