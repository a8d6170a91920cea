/** Everything that happens to one document, from its text to the search service. */
import type { ServiceClients } from '../clients/index.ts'
import type { Json } from '../store/records.ts'
import type { Store } from '../store/store.ts'
import { BatchWorkflows } from './batch-workflow.ts'
import { deliver, NoLongerWanted, type DeliveryTarget } from './deliver.ts'
import type { Delivered } from './delivery.ts'
import { draftHash, type Draft } from './draft.ts'
import { requiredStages, stageNames, type Findings, type StageName } from './findings.ts'
import type { ClaimedJob, StageState } from './job-records.ts'
import { StageGates, type StageLimits } from './stage-limits.ts'
import { chunk, stages, type StageTools, type StageWork } from './stages.ts'
import { backoff, judgeFailure, type BackoffOptions, type Failure } from './verdict.ts'

/** Is told what each stage comes to, as it comes. */
export type StageReport = (
  stage: StageName,
  state: StageState,
  detail: Json,
  duration: number | null,
) => Promise<void>

export interface PipelineOptions {
  readonly clients: ServiceClients
  readonly target: () => DeliveryTarget
  readonly unfinished: Store['unfinished']
  /** Pauses between repairs of a degraded document. Default 30 s to 30 min. */
  readonly repairs?: BackoffOptions
  /** Documents in each stage at once, and how long one may be in it. */
  readonly limits?: StageLimits
  readonly random?: () => number
}

/** A stage without which there is nothing to search did not do its work. */
export class StageError extends Error {
  readonly stage: StageName
  readonly failure: Failure

  constructor(stage: StageName, failure: Failure, cause: unknown) {
    super(`${stage}: ${failure.reason}`, { cause })
    this.stage = stage
    this.failure = failure
  }

  override get name(): string {
    return 'StageError'
  }
}

export interface Indexed {
  readonly outcome: Delivered['outcome']
  /** Optional stages that failed: the document is searchable without what they find. */
  readonly degraded: readonly StageName[]
}

/** Of a document that may be what breaks the upstream; an outage is waited for as long as it takes. */
const MOST_REPAIRS = 10

/**
 * Cuts a document, embeds it, finds its entities and its meaning, scores its freshness, and delivers all of it.
 * Required stages are chunk, embed and deliver; what the others fail to do is repaired later. What an attempt found
 * is kept when it does not get to the end, so that the next does the rest only.
 */
export class Pipeline {
  private readonly options: PipelineOptions
  private readonly tools: StageTools
  private readonly gates: StageGates

  constructor(options: PipelineOptions) {
    this.options = options
    this.tools = { clients: options.clients, workflows: new BatchWorkflows(options.clients.coordinator) }
    this.gates = new StageGates(options.limits)
  }

  /**
   * @throws StageError for a required stage, NoLongerWanted when the job is no longer ours, and the signal's reason
   * when it was aborted.
   */
  async run(job: ClaimedJob, draft: Draft, signal: AbortSignal, report: StageReport): Promise<Indexed> {
    const hash = draftHash(draft)
    const findings: Findings = (await this.options.unfinished.findings(draft.id, hash)) ?? { done: {} }
    const work: StageWork = { draft, findings, signal, limits: { signal } }
    const failures = new Map<StageName, Failure>()
    try {
      await this.stage('chunk', work, report, failures, async (own) => chunk(own))
      const sideBySide = stageNames.filter((stage) => stage !== 'chunk' && stage !== 'deliver')
      // All are waited for, so that what one found is kept although another failed.
      const ended = await Promise.allSettled(
        sideBySide.map((stage) =>
          this.stage(stage, work, report, failures, (own) => stages[stage](own, this.tools)),
        ),
      )
      for (const end of ended) if (end.status === 'rejected') throw end.reason
      return await this.finish(job, work, hash, report, failures)
    } catch (error) {
      if (error instanceof NoLongerWanted) throw error
      await this.options.unfinished.keep(draft.id, hash, findings, [...failures.keys()])
      throw error
    }
  }

  private async finish(
    job: ClaimedJob,
    work: StageWork,
    hash: string,
    report: StageReport,
    failures: Map<StageName, Failure>,
  ): Promise<Indexed> {
    const { clients, target } = this.options
    const degraded = [...failures.keys()]
    if (degraded.length > 0) await this.planRepair(work, hash, failures)
    let delivered: Delivered | undefined
    await this.stage('deliver', work, report, failures, async (own) => {
      delivered = await deliver(clients.shared, target(), job, own, degraded)
      return { chunks: delivered.total_chunks, vectors: delivered.indexed_chunks }
    })
    return { outcome: delivered?.outcome ?? 'stored', degraded }
  }

  /** Before the delivery, so that there is no moment at which the document is stored and the rest of it forgotten. */
  private async planRepair(
    { draft, findings }: StageWork,
    hash: string,
    failures: Map<StageName, Failure>,
  ): Promise<void> {
    const { unfinished, repairs = { base: 30_000, cap: 1_800_000 }, random = Math.random } = this.options
    const failed = [...failures.values()]
    const done = await unfinished.repairs(draft.id)
    const worthIt = failed.some(
      ({ mayPass, blame }) => mayPass && (done < MOST_REPAIRS || blame === 'elsewhere'),
    )
    const wait = Math.max(...failed.map(({ retryAfter }) => retryAfter))
    const repairIn = worthIt ? backoff(done + 1, repairs, wait, random()) : null
    await unfinished.degrade(draft, hash, findings, [...failures.keys()], repairIn)
  }

  /** Does a stage that is not done yet, and tells how it went. What may fail is noted, what must not is thrown. */
  private async stage(
    name: StageName,
    work: StageWork,
    report: StageReport,
    failures: Map<StageName, Failure>,
    perform: (work: StageWork) => Promise<Json>,
  ): Promise<void> {
    const { draft, findings, signal } = work
    if (name === 'workflow' && draft.batch === null) return
    const kept = findings.done[name]
    if (kept !== undefined) return report(name, 'succeeded', kept, 0)
    let started = performance.now()
    const took = (): number => performance.now() - started
    try {
      findings.done[name] = await this.gates.pass(name, signal, async (own) => {
        started = performance.now()
        await report(name, 'running', null, null)
        return perform({ ...work, limits: { signal: own } })
      })
      await report(name, 'succeeded', findings.done[name], took())
    } catch (error) {
      if (signal.aborted || error instanceof NoLongerWanted) throw error
      const failure = judgeFailure(error)
      await report(name, 'failed', { reason: failure.reason, may_pass: failure.mayPass }, took())
      if (requiredStages.has(name)) throw new StageError(name, failure, error)
      failures.set(name, failure)
    }
  }
}
