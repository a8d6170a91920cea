/** JSON in and out: strict about what comes, snake_case in what goes. */
import type { FastifyInstance } from 'fastify'
import { snakeKeys } from '../clients/camel.ts'
import { Problem } from './problems.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Takes JSON in UTF-8 and nothing else. Bytes that are no UTF-8 are refused, and not replaced in silence. */
export function takeJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    let text: string
    try {
      text = utf8.decode(body)
    } catch {
      return done(new Problem(400, 'the body is not in UTF-8, as JSON has to be'))
    }
    void parse(request, text, (error, value) => {
      if (error === null || 'code' in error) return done(error, value)
      done(new Problem(400, 'the body is not JSON'))
    })
  })
}

/** Keys below these are somebody's data and stay as they are. */
const data = new Set(['metadata', 'detail'])

/** Everything with snake_case keys. */
export function toWire(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toWire)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(snakeKeys(value))
  return Object.fromEntries(entries.map(([key, one]) => [key, data.has(key) ? one : toWire(one)]))
}
