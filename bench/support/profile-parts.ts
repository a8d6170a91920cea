/** Whose the functions of a profile are. */
import type { Profiler } from 'node:inspector'
import type { CpuArm } from './cpu-arms.ts'

export interface ProfileSettings {
  readonly origin: string
  readonly arm: CpuArm
  readonly connections: number
  readonly requests: number
}

export const parts = [
  'the kernel: writes',
  'garbage collection',
  'Node and V8, reads among them',
  'undici',
  "undici's parser (WebAssembly)",
  'keepwarm: pool',
  'keepwarm: exchange, retry, breaker',
  'keepwarm: client',
  'keepwarm: figures',
  'the benchmark',
] as const

export type Part = (typeof parts)[number]

/** µs of CPU time of a request, by whose they are. */
export type ProfileSample = Readonly<Record<Part, number>>

type Frame = Profiler.ProfileNode['callFrame']

const rooms: readonly (readonly [Part, RegExp])[] = [
  ['keepwarm: pool', /^(?:pool|limit|egress)\/|^(?:agenda|alarm|runtime)\./],
  ['keepwarm: exchange, retry, breaker', /^(?:exchange|retry|breaker|hedge|balance|deadline)\/|^outcome\./],
  ['keepwarm: figures', /^observe\//],
  ['keepwarm: client', /./],
]

/** Undefined for waiting, which costs nothing. */
export function partOf({ functionName, url }: Frame): Part | undefined {
  if (functionName === '(idle)') return undefined
  if (functionName === '(garbage collector)') return 'garbage collection'
  if (url === '' && /^write(?:Latin1|Utf8)String$|^writev$|^writeBuffer$/.test(functionName))
    return 'the kernel: writes'
  if (url.startsWith('wasm:') || functionName.startsWith('wasm')) return "undici's parser (WebAssembly)"
  if (url.includes('/node_modules/undici/')) return 'undici'
  const own = /\/packages\/keepwarm\/(?:src|dist)\/(.*)$/.exec(url)?.[1]
  if (own !== undefined) return rooms.find(([, files]) => files.test(own))![0]
  return url.startsWith('file:') ? 'the benchmark' : 'Node and V8, reads among them'
}

/** Shares of the time that was not idle. */
export function sharesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Record<Part, number> {
  const owner = new Map(nodes.map(({ id, callFrame }) => [id, partOf(callFrame)]))
  const shares = Object.fromEntries(parts.map((part) => [part, 0])) as Record<Part, number>
  let all = 0
  for (const [index, id] of samples.entries()) {
    const part = owner.get(id)
    if (part === undefined) continue
    shares[part] += timeDeltas[index]!
    all += timeDeltas[index]!
  }
  for (const part of parts) shares[part] /= Math.max(all, 1)
  return shares
}
