/** Where a process's CPU time goes, by the parts of the service: from a sampling profile of itself. */
import { Session, type Profiler } from 'node:inspector/promises'
import { setTimeout as sleep } from 'node:timers/promises'

export interface PartShare {
  readonly part: string
  /** Of the time that was not idle. */
  readonly share: number
}

/** The innermost frame that belongs to one of these names the part: what it calls is done for it. */
const parts: readonly (readonly [string, RegExp])[] = [
  [
    'queue',
    /indexing\/(job-rows|queue|worker|attempt|unfinished)\.ts|store\/(sqlite-jobs|sqlite-unfinished)\.ts|store\/postgres\/(jobs|job-|boss|unfinished|recover)|pg-boss/,
  ],
  [
    'store: full text, vectors, entities',
    /store\/(documents|vector-engine|vectors|check-document|document-rows)\.ts|store\/postgres\/(documents|document-parts|write-parts|fold)\.ts/,
  ],
  [
    'search',
    /search\/|store\/(sqlite-search|sqlite-entities|snippet)\.ts|store\/postgres\/(search|snippets)/,
  ],
  ['chunk', /indexing\/(chunk|blocks|split|graphemes)\.ts/],
  ['embed', /entity-extractor\/(embedding|embedding-api|warmth)\.ts/],
  ['entities', /entity-extractor\/(answer|generation|merge|windows)\.ts|clients\/entity-extractor\.ts/],
  ['semantic', /clients\/langextract/],
  ['freshness', /clients\/freshness/],
  ['deliver', /indexing\/(deliver|delivery|findings)\.ts|routes\/vectorize\.ts/],
  ['intake', /indexing\/(intake|draft)\.ts|routes\/(batches|new-document)\.ts|store\/identity\.ts/],
  ['HTTP client', /packages\/keepwarm\/|\/undici\//],
  [
    'HTTP server',
    /\/(fastify|light-my-request|find-my-way|avvio|pino|secure-json-parse)\/|node:_http_server|assembly\/http\.ts|routes\//,
  ],
  ['driver of PostgreSQL', /\/pg(-protocol|-pool|-types)?\//],
]

export const Profile = { during }

/** Lets the process do what it does for so many ms. @returns the greatest first */
async function during(ms: number): Promise<PartShare[]> {
  const session = new Session()
  session.connect()
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: 500 })
    await session.post('Profiler.start')
    await sleep(ms)
    const { profile } = await session.post('Profiler.stop')
    return sharesOf(profile)
  } finally {
    session.disconnect()
  }
}

export function sharesOf(profile: Profiler.Profile): PartShare[] {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])),
  )
  const partOf = new Map<number, string>()
  const find = (id: number): string => {
    const known = partOf.get(id)
    if (known !== undefined) return known
    const node = nodes.get(id)!
    const parent = parents.get(id)
    const part = ownPart(node.callFrame) ?? (parent === undefined ? 'Node and the rest' : find(parent))
    partOf.set(id, part)
    return part
  }
  const spent = new Map<string, number>()
  for (const [at, id] of (profile.samples ?? []).entries()) {
    const part = find(id)
    spent.set(part, (spent.get(part) ?? 0) + Math.max(0, profile.timeDeltas?.[at] ?? 0))
  }
  spent.delete('idle')
  const all = [...spent.values()].reduce((sum, value) => sum + value, 0)
  return [...spent].map(([part, time]) => ({ part, share: time / all })).sort((a, b) => b.share - a.share)
}

function ownPart({
  url,
  functionName,
}: {
  readonly url: string
  readonly functionName: string
}): string | undefined {
  if (functionName === '(idle)') return 'idle'
  if (functionName === '(garbage collector)') return 'garbage collection'
  if (url === '') return undefined
  return parts.find(([, pattern]) => pattern.test(url))?.[0]
}
