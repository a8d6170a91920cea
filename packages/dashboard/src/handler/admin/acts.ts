/** What can be done by hand. Each act says in one line what it did. */
import { ConfigError, type ConfigProblem, type HttpClient } from 'keepwarm'

/** What an act came to. */
export interface Done {
  readonly client: string
  readonly origin: string
  /** One line: no query, no header. */
  readonly text: string
  /** What whoever asked is told besides. */
  readonly result: object
}

type Body = Readonly<Record<string, unknown>>
type ClientByName = (name: string) => HttpClient | undefined
export type Act = (body: Body) => Done

/** The acts by their path below `/admin/`. @throws ConfigError from each, when the body is not what it takes */
export function actsOn(find: ClientByName): Readonly<Record<string, Act>> {
  const hands = new Map<string, Disposable>()
  const chosen = (body: Body, allowed: readonly string[]): HttpClient => {
    refuse(unknownFields(body, ['client', ...allowed]))
    const { client: name } = body
    const client = typeof name === 'string' ? find(name) : undefined
    if (client !== undefined) return client
    throw wrong('client', name, 'the name of a client that is shown')
  }
  return {
    breakers: (body) => forceBreakers(chosen(body, ['origin', 'to']), body, hands),
    drain: (body) => drain(chosen(body, ['origin']), body),
    limits: (body) => setLimits(chosen(body, ['limits', 'pool']), body),
  }
}

/** `auto` lets go of what was held from here; what the program itself holds stays held. */
function forceBreakers(client: HttpClient, body: Body, hands: Map<string, Disposable>): Done {
  const { to } = body
  const origin = originIn(body)
  if (to !== 'open' && to !== 'closed' && to !== 'auto') throw wrong('to', to, 'open, closed or auto')
  const key = `${client.name}\n${origin ?? ''}`
  const held = to === 'auto' ? undefined : client.breakers.force(to, origin)
  hands.get(key)?.[Symbol.dispose]()
  hands.delete(key)
  if (held !== undefined) hands.set(key, held)
  const where = origin ?? 'its endpoints'
  const text =
    to === 'auto' ? `breakers of ${where} decide by themselves again` : `breakers of ${where} held ${to}`
  return { client: client.name, origin: origin ?? '', text, result: { to } }
}

/** Softly: what runs is finished. */
function drain(client: HttpClient, body: Body): Done {
  const origin = originIn(body)
  if (origin === undefined) throw wrong('origin', undefined, 'an origin such as http://search:8055')
  const evicted = client.pool.evict({ origin })
  return { client: client.name, origin, text: `${evicted} connections drained`, result: { evicted } }
}

/** `pool: true`: those of the pool that the client shares. */
function setLimits(client: HttpClient, body: Body): Done {
  const { limits, pool } = body
  if (typeof limits !== 'object' || limits === null || Array.isArray(limits)) {
    throw wrong('limits', limits, 'an object such as { "maxConnections": 50 }')
  }
  if (pool !== undefined && typeof pool !== 'boolean') throw wrong('pool', pool, 'true or false')
  if (pool === true) client.pool.setLimits(limits)
  else client.configure(limits)
  const said = Object.entries(limits).map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
  return { client: client.name, origin: '', text: `set ${said.join(', ')}`, result: { limits } }
}

function originIn({ origin }: Body): string | undefined {
  if (origin === undefined || origin === null) return undefined
  const url = typeof origin === 'string' ? URL.parse(origin) : null
  if (url !== null && url.origin !== 'null') return url.origin
  throw wrong('origin', '(not shown)', 'an origin such as http://search:8055')
}

function unknownFields(body: Body, known: readonly string[]): ConfigProblem[] {
  return Object.keys(body)
    .filter((name) => !known.includes(name))
    .map((variable) => ({ variable, received: '(not shown)', expected: `one of ${known.join(', ')}` }))
}

function refuse(problems: readonly ConfigProblem[]): void {
  if (problems.length > 0) throw new ConfigError(problems)
}

function wrong(variable: string, value: unknown, expected: string): ConfigError {
  const received = value === '(not shown)' ? value : (JSON.stringify(value) ?? 'undefined').slice(0, 100)
  return new ConfigError([{ variable, received, expected }])
}
