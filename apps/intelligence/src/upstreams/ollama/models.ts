/** The models that the stand-in offers, and which of them are "loaded". */
import { createHash } from 'node:crypto'

export interface ModelOption {
  /** With or without a tag; without one it is `latest`. */
  readonly name: string
  /** The size of its embeddings; absent when it makes none. */
  readonly dimensions?: number
  /** Whether it answers prompts. Default false. */
  readonly generates?: boolean
}

export const defaultModels: readonly ModelOption[] = [
  { name: 'nomic-embed-text', dimensions: 768 },
  { name: 'llama3.2', generates: true },
]

/** Words an input may have, for embeddings and prompts alike. */
export const contextLength = 8192

export class Model {
  readonly name: string
  readonly dimensions: number | undefined
  readonly generates: boolean
  readonly digest: string

  constructor(option: ModelOption) {
    this.name = withTag(option.name)
    this.dimensions = option.dimensions
    this.generates = option.generates ?? false
    this.digest = createHash('sha256').update(JSON.stringify(option)).digest('hex')
  }

  get capabilities(): string[] {
    return [
      ...(this.generates ? ['completion'] : []),
      ...(this.dimensions === undefined ? [] : ['embedding']),
    ]
  }

  /** Says in every field what this is: rules, without parameters or weights. */
  get details(): Record<string, unknown> {
    const family = this.dimensions === undefined ? 'rules' : 'feature-hashing'
    return {
      parent_model: '',
      format: 'rules',
      family,
      families: [family],
      parameter_size: '0',
      quantization_level: 'none',
    }
  }
}

export function withTag(name: string): string {
  return name.includes(':') ? name : `${name}:latest`
}

/** Which models are in memory, and until when. Times are milliseconds since 1970. */
export class LoadedModels {
  private readonly until = new Map<string, number>()

  /** Keeps a model for `keepAlive` ms from `now`; 0 unloads it. */
  keep(model: Model, keepAlive: number, now: number): void {
    if (keepAlive === 0) this.until.delete(model.name)
    else this.until.set(model.name, now + keepAlive)
  }

  /** The models still loaded at `now`; the others are forgotten. */
  at(now: number): ReadonlyMap<string, number> {
    for (const [name, end] of this.until) if (end <= now) this.until.delete(name)
    return this.until
  }
}

/** A hundred years: what a negative keep_alive ("for ever") becomes. */
const forEver = 100 * 365 * 24 * 3600 * 1000
const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Ollama's keep_alive in milliseconds: seconds as a number, or text such as "5m" or "1h30m". */
export function keepAliveMs(value: string | number | undefined): number | undefined {
  if (value === undefined) return 5 * 60_000
  if (typeof value === 'number' || /^-?\d+(?:\.\d+)?$/.test(value)) {
    return Number(value) < 0 ? forEver : Number(value) * 1000
  }
  if (!/^-?(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(value)) return undefined
  if (value.startsWith('-')) return forEver
  let total = 0
  for (const [, amount, unit] of value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g))
    total += Number(amount) * units[unit!]!
  return total
}
