/**
 * Many texts to vectors, in batches. Ollama fails a whole batch for one text that it cannot take, so a failed batch
 * is halved until the text is found, and the others get their vectors.
 */
import { inParallel } from '../in-parallel.ts'
import { ServiceError } from '../service-error.ts'

export interface EmbeddingFailure {
  /** The text's place in the list, from 0. */
  readonly index: number
  readonly error: ServiceError
}

/** What became of one text. */
export type Embedded = { readonly index: number; readonly vector: Float32Array } | EmbeddingFailure

/**
 * Embeds some texts, all or none.
 * @param patient whether a failure may be tried again: it may for a whole batch and for a single text, but not while
 *   a batch is taken apart, where failures are expected.
 */
export type EmbedBatch = (
  texts: readonly string[],
  patient: boolean,
  signal: AbortSignal,
) => Promise<readonly Float32Array[]>

export interface EmbeddingPlan {
  /** Texts in a batch. */
  readonly batchSize: number
  /** Batches under way at once. */
  readonly concurrency: number
  readonly signal?: AbortSignal | undefined
}

/**
 * What became of each text, in the texts' order. Rejects only for what is no ServiceError, such as being cancelled.
 * When the service itself fails, or refuses every text of a batch alone, the texts that are left are not tried.
 */
export async function embedTexts(
  texts: readonly string[],
  plan: EmbeddingPlan,
  embed: EmbedBatch,
): Promise<Embedded[]> {
  const work = new EmbeddingWork(texts, embed)
  const starts = Array.from(
    { length: Math.ceil(texts.length / plan.batchSize) },
    (_, at) => at * plan.batchSize,
  )
  await inParallel(starts, plan.concurrency, plan.signal, (start, signal) =>
    work.batch(start, Math.min(start + plan.batchSize, texts.length), signal),
  )
  return work.outcomes
}

class EmbeddingWork {
  readonly outcomes: Embedded[] = []
  private readonly texts: readonly string[]
  private readonly embed: EmbedBatch
  /** Why the rest is not tried. */
  private stopped: ServiceError | undefined

  constructor(texts: readonly string[], embed: EmbedBatch) {
    this.texts = texts
    this.embed = embed
  }

  async batch(start: number, end: number, signal: AbortSignal): Promise<void> {
    await this.part(start, end, true, signal)
    const outcomes = this.outcomes.slice(start, end)
    const failures = outcomes.flatMap((one) => ('error' in one ? [one.error] : []))
    if (outcomes.length > 1 && failures.length === outcomes.length) this.stopped ??= failures[0]
  }

  private async part(start: number, end: number, whole: boolean, signal: AbortSignal): Promise<void> {
    if (this.stopped !== undefined) return this.fail(start, end, this.stopped)
    try {
      const vectors = await this.embed(this.texts.slice(start, end), whole || end - start === 1, signal)
      for (const [offset, vector] of vectors.entries())
        this.outcomes[start + offset] = { index: start + offset, vector }
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      if (!isAboutText(error)) {
        this.stopped = error
        return this.fail(start, end, error)
      }
      if (end - start === 1) return this.fail(start, end, error)
      const middle = Math.floor((start + end) / 2)
      await this.part(start, middle, false, signal)
      await this.part(middle, end, false, signal)
    }
  }

  private fail(start: number, end: number, error: ServiceError): void {
    for (let index = start; index < end; index++) this.outcomes[index] = { index, error }
  }
}

/** Statuses with which a single text can fail its batch: refused, too large, or the model broke over it. */
const textStatuses: ReadonlySet<number | undefined> = new Set([400, 413, 422, 500])

/** Whether another text might have been embedded. An answer that is not what was agreed may be one bad vector. */
function isAboutText({ code, status }: ServiceError): boolean {
  return code === 'validation' || code === 'body_too_large' || textStatuses.has(status)
}
