/** What the Ollama stand-in does for a request: waits for a slot, loads the model, works, and measures itself. */
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { embed } from '../text/embedding.ts'
import { loadGrammar } from '../text/language.ts'
import { words } from '../text/tokens.ts'
import { Refusal } from '../refusal.ts'
import { contextLength, LoadedModels, Model, withTag, type ModelOption } from './models.ts'
import { QueueFull, Slots, type Release } from '../../slots.ts'
import { answer, inPieces, type Task } from './task.ts'

export interface WorkOptions {
  readonly models: readonly ModelOption[]
  readonly parallel: number
  readonly maxQueue: number
  readonly latency: number
  readonly pieceInterval: number
}

export interface EmbedTask {
  readonly inputs: readonly string[]
  readonly normalise: boolean
  readonly truncate: boolean
  readonly dimensions: number
  readonly keepAlive: number
}

/** Nanoseconds, as Ollama reports them. */
export interface Durations {
  readonly total: number
  readonly load: number
}

export interface Generation {
  readonly pieces: readonly string[]
  /** Whether `num_predict` cut the answer short. */
  readonly cut: boolean
  readonly promptTokens: number
  /** `performance.now()` when the request came, and nanoseconds spent loading and reading. */
  readonly started: number
  readonly load: number
  readonly read: number
  /** Must be called once, when the last piece is out or nobody wants it. */
  readonly release: Release
}

export class Work {
  readonly models: ReadonlyMap<string, Model>
  readonly loaded = new LoadedModels()
  readonly pieceInterval: number
  private readonly slots: Slots
  private readonly latency: number

  constructor(options: WorkOptions) {
    const models = options.models.map((option) => new Model(option))
    this.models = new Map(models.map((model) => [model.name, model]))
    this.slots = new Slots(options.parallel, options.maxQueue)
    this.latency = options.latency
    this.pieceInterval = options.pieceInterval
  }

  find(name: string): Model {
    const model = this.models.get(withTag(name))
    if (model !== undefined) return model
    throw new Refusal(404, { error: `model "${name}" not found, try pulling it first` })
  }

  /** All vectors or none: one input that cannot be taken fails the whole batch, as in Ollama. */
  async embed(
    model: Model,
    task: EmbedTask,
    signal: AbortSignal,
  ): Promise<{
    vectors: number[][]
    tokens: number
    durations: Durations
  }> {
    const started = performance.now()
    const release = await this.enter(signal)
    try {
      const load = await this.load(model, task.keepAlive)
      const vectors: number[][] = []
      let tokens = 0
      for (const input of task.inputs) {
        const text = fit(input, task.truncate)
        const { vector, tokens: read } = embed(text, task)
        vectors.push(vector)
        tokens += read
        if (vectors.length % 16 === 0) await nextTurn()
        signal.throwIfAborted()
      }
      return { vectors, tokens, durations: { total: nanoseconds(started), load } }
    } finally {
      release()
    }
  }

  /** Loads or unloads, which is what a request without a prompt asks for. */
  async touch(model: Model, keepAlive: number): Promise<Durations> {
    const started = performance.now()
    const load = await this.load(model, keepAlive)
    return { total: nanoseconds(started), load }
  }

  /** Makes the whole answer; the slot stays taken until the caller has handed out its pieces. */
  async generate(
    model: Model,
    task: Task & { readonly keepAlive: number; readonly limit: number },
    signal: AbortSignal,
  ): Promise<Generation> {
    const started = performance.now()
    const release = await this.enter(signal)
    try {
      const load = await this.load(model, task.keepAlive)
      const reading = performance.now()
      const all = inPieces(await answer(task, signal))
      const pieces = all.slice(0, task.limit)
      const promptTokens = words(`${task.instructions} ${task.prompt}`).length
      const cut = pieces.length < all.length
      return { pieces, cut, promptTokens, started, load, read: nanoseconds(reading), release }
    } catch (error) {
      release()
      throw error
    }
  }

  private async enter(signal: AbortSignal): Promise<Release> {
    let release: Release | undefined
    try {
      release = await this.slots.enter(signal)
      if (this.latency > 0) await pause(this.latency, undefined, { signal })
      return release
    } catch (error) {
      release?.()
      if (error instanceof QueueFull) throw new Refusal(503, { error: error.message })
      throw new Refusal(499, { error: 'request canceled' })
    }
  }

  /** Loading an answering model is loading the grammar: real work the first time, nothing after that. */
  private async load(model: Model, keepAlive: number): Promise<number> {
    const started = performance.now()
    const now = Date.now()
    const known = this.loaded.at(now).has(model.name)
    if (!known && model.generates) await loadGrammar()
    this.loaded.keep(model, keepAlive, now)
    return known ? 0 : nanoseconds(started)
  }
}

export function nanoseconds(since: number): number {
  return Math.max(1, Math.round((performance.now() - since) * 1e6))
}

/** The words of a text that the model's context holds; refuses a longer text when it may not be cut. */
function fit(text: string, truncate: boolean): string {
  // Far beyond any text of that many words, so that a huge one is not taken apart only to be thrown away.
  const all = words(truncate ? text.slice(0, contextLength * 64) : text)
  if (all.length <= contextLength) return text.slice(0, truncate ? contextLength * 64 : undefined)
  if (truncate) return all.slice(0, contextLength).join(' ')
  throw new Refusal(400, {
    error: `the input length exceeds the context length: ${all.length} words of at most ${contextLength}`,
  })
}
