/**
 * Shapes what the rules found into the JSON schema of a request's `format`. Understands the part of JSON schema
 * that tools make from types: type, properties, required, additionalProperties, items, enum, const, minimum,
 * maximum, minItems, maxItems, minLength, anyOf/oneOf, local $ref. A property whose meaning is not known gets
 * the smallest value that conforms (an empty string, the minimum, the first of an enum): the rules know nothing
 * about it, and an empty value says so. Pure.
 */

import { allowedName } from './names.ts'

export interface Findings {
  readonly entities: readonly EntityFinding[]
  readonly relationships: readonly RelationshipFinding[]
  readonly summary: string
  readonly keyTerms: readonly string[]
}

export interface EntityFinding {
  readonly name: string
  readonly type: string
  /** The wording in the text. */
  readonly text: string
  readonly confidence: number
  readonly start: number
  readonly end: number
}

export interface RelationshipFinding {
  readonly source: string
  readonly target: string
  readonly type: string
  readonly confidence: number
}

export interface Schema {
  readonly [keyword: string]: unknown
}

/** A value that cannot be fitted, so that the item it belongs to is left out rather than bent. */
const unfit = Symbol('unfit')

/** Whether a schema asks for entities. */
export function asksForEntities(schema: Schema): boolean {
  return isSchema(schema['properties']) && 'entities' in schema['properties']
}

/** The value for a whole answer. */
export function conform(schema: Schema, findings: Findings): unknown {
  const value = new Filler(schema, findings).fill(schema, undefined, 0)
  return value === unfit ? {} : value
}

class Filler {
  private readonly root: Schema
  private readonly findings: Findings

  constructor(root: Schema, findings: Findings) {
    this.root = root
    this.findings = findings
  }

  /** `known` is what the rules say belongs here, if anything. */
  fill(unresolved: Schema, known: unknown, depth: number): unknown {
    const schema = this.resolve(unresolved)
    if (depth > 16) return unfit
    if ('const' in schema) return known === undefined || known === schema['const'] ? schema['const'] : unfit
    if (Array.isArray(schema['enum'])) return pick(schema['enum'], known)
    switch (typeOf(schema)) {
      case 'object':
        return this.object(schema, isSchema(known) ? known : undefined, depth)
      case 'array':
        return this.array(schema, Array.isArray(known) ? known : [], depth)
      case 'string':
        return text(schema, typeof known === 'string' ? known : '')
      case 'integer':
      case 'number':
        return number(schema, typeof known === 'number' ? known : undefined)
      case 'boolean':
        return known === true
      case 'null':
        return null
      default:
        return known ?? null
    }
  }

  private resolve(schema: Schema): Schema {
    let current = schema
    for (let steps = 0; steps < 16; steps++) {
      const reference = current['$ref']
      const choices = current['anyOf'] ?? current['oneOf']
      if (typeof reference === 'string') current = this.lookUp(reference)
      else if (Array.isArray(choices))
        current = choices.filter(isSchema).find((one) => typeOf(one) !== 'null') ?? {}
      else return current
    }
    return {}
  }

  private lookUp(reference: string): Schema {
    let at: unknown = this.root
    for (const key of reference.replace(/^#\/?/, '').split('/')) {
      if (key !== '') at = isSchema(at) ? at[key] : undefined
    }
    return isSchema(at) ? at : {}
  }

  private object(schema: Schema, known: Schema | undefined, depth: number): unknown {
    const properties = isSchema(schema['properties']) ? schema['properties'] : {}
    const required = new Set(Array.isArray(schema['required']) ? schema['required'] : [])
    const result: Record<string, unknown> = {}
    for (const [name, property] of Object.entries(properties)) {
      const value = known === undefined ? this.byName(name) : byMeaning(known, name)
      if (value === undefined && !required.has(name)) continue
      const filled = this.fill(isSchema(property) ? property : {}, value, depth + 1)
      if (filled !== unfit) result[name] = filled
      else if (required.has(name)) return unfit
    }
    // A schema without properties takes anything: then what is known is the answer.
    return Object.keys(properties).length === 0 && known !== undefined ? known : result
  }

  private array(schema: Schema, known: readonly unknown[], depth: number): unknown {
    const items = isSchema(schema['items']) ? schema['items'] : {}
    const fitted = known.map((item) => this.fill(items, item, depth + 1)).filter((item) => item !== unfit)
    const most = typeof schema['maxItems'] === 'number' ? schema['maxItems'] : Infinity
    const least = typeof schema['minItems'] === 'number' ? Math.min(schema['minItems'], 1000) : 0
    while (fitted.length < least) {
      const filler = this.fill(items, undefined, depth + 1)
      if (filler === unfit) return unfit
      fitted.push(filler)
    }
    return fitted.slice(0, most)
  }

  /** What a property of the whole answer means, by its name. */
  private byName(name: string): unknown {
    if (/^entities$/i.test(name)) return this.findings.entities
    if (/^relation(?:ship)?s$/i.test(name)) return this.findings.relationships
    if (/^(?:summary|answer|response|text|description|content)$/i.test(name)) return this.findings.summary
    if (/^(?:key_?(?:words|terms)|topics|tags|concepts|terms)$/i.test(name)) return this.findings.keyTerms
    return undefined
  }
}

/** The property of a finding that a schema calls `name`. */
function byMeaning(known: Schema, name: string): unknown {
  if (name in known) return known[name]
  if (/^(?:entity_|relationship_|relation_)?type$|^label$|^category$/i.test(name)) return known['type']
  if (/confidence|score/i.test(name)) return known['confidence']
  if (/^source/i.test(name)) return known['source']
  if (/^target/i.test(name)) return known['target']
  if (/(?:^|_)name$/i.test(name)) return known['name']
  if (/^start/i.test(name)) return known['start']
  if (/^end/i.test(name)) return known['end']
  return undefined
}

function pick(allowed: readonly unknown[], known: unknown): unknown {
  if (known === undefined) return allowed[0]
  const found =
    typeof known === 'string' ? allowedName(allowed, known) : allowed.find((value) => value === known)
  return found ?? unfit
}

function text(schema: Schema, known: string): unknown {
  const most = schema['maxLength']
  const cut = typeof most === 'number' ? known.slice(0, most) : known
  const least = typeof schema['minLength'] === 'number' ? Math.min(schema['minLength'], 1000) : 0
  // Padding with dashes is visibly no content.
  return cut.padEnd(least, '-')
}

function number(schema: Schema, known: number | undefined): number {
  const least = typeof schema['minimum'] === 'number' ? schema['minimum'] : -Infinity
  const most = typeof schema['maximum'] === 'number' ? schema['maximum'] : Infinity
  const wanted = Math.min(most, Math.max(least, known ?? Math.max(least, Math.min(0, most))))
  return typeOf(schema) === 'integer' ? Math.round(wanted) : wanted
}

function typeOf(schema: Schema): string | undefined {
  const type = Array.isArray(schema['type']) ? schema['type'].find((one) => one !== 'null') : schema['type']
  if (typeof type === 'string') return type
  return isSchema(schema['properties']) ? 'object' : undefined
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
