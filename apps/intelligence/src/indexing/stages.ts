/** The single stages of the pipeline. Each reads the draft, adds to the findings, and tells in a few facts what it did. */
import {
  readContentFacts,
  scoreFreshness,
  type ServiceError,
  type CallLimits,
  type ServiceClients,
} from '../clients/index.ts'
import { contentHash, contentSize } from '../store/identity.ts'
import type { Analysis, Json } from '../store/records.ts'
import type { BatchWorkflows } from './batch-workflow.ts'
import { chunkText } from './chunk.ts'
import type { Draft } from './draft.ts'
import type { Findings, StageName } from './findings.ts'
import { wholeCodePoint } from './graphemes.ts'

export interface StageWork {
  readonly draft: Draft
  readonly findings: Findings
  /** Of the whole attempt. */
  readonly signal: AbortSignal
  /** Of the stage: its calls end with it. */
  readonly limits: CallLimits
}

export interface StageTools {
  readonly clients: Pick<ServiceClients, 'extractor' | 'langextract' | 'freshness'>
  readonly workflows: BatchWorkflows
}

export type Stage = (work: StageWork, tools: StageTools) => Promise<Json>

/** Characters of a document that are read for entities and meaning; a longer one is mostly more of the same. */
const MOST_READ = 200_000

/** What is done between cutting and delivering, side by side: none needs what another finds. */
export const stages: Readonly<Record<Exclude<StageName, 'chunk' | 'deliver'>, Stage>> = {
  workflow: async ({ draft, limits }, { workflows }) =>
    draft.batch === null ? null : { workflow_id: await workflows.idOf(draft.batch, limits) },
  embed,
  entities,
  semantic,
  freshness,
}

export function chunk({ draft, findings }: Pick<StageWork, 'draft' | 'findings'>): Json {
  findings.chunks = chunkText(draft.content)
  return { chunks: findings.chunks.length }
}

/** Statuses with which the model refuses a text; the chunk is then found by its words only. */
const refusals: ReadonlySet<number | undefined> = new Set([400, 413, 422])

/** Embeds the chunks that have no vector yet. What did succeed is kept, whatever becomes of the others. */
async function embed({ findings, limits }: StageWork, { clients }: StageTools): Promise<Json> {
  const { chunks = [] } = findings
  const vectors = chunks.map((_, index) => findings.vectors?.[index] ?? null)
  const missing = chunks.filter((_, index) => vectors[index] === null)
  const outcomes = await clients.extractor.embedAll(
    missing.map(({ text }) => text),
    limits,
  )
  const failures: ServiceError[] = []
  for (const [index, outcome] of outcomes.entries()) {
    if ('error' in outcome) failures.push(outcome.error)
    else vectors[missing[index]?.ordinal ?? -1] = outcome.vector
  }
  findings.vectors = vectors
  const troubles = failures.filter(({ status }) => !refusals.has(status))
  // What the breaker refused after the first failures says nothing of them.
  const trouble = troubles.find(({ sent }) => sent !== 'no') ?? troubles[0]
  // When a model takes nothing of a document, it is the wrong model and not the text.
  const refused = failures.length === chunks.length && chunks.length > 1 ? failures[0] : undefined
  if (trouble !== undefined) throw trouble
  if (refused !== undefined) throw refused
  const detail = { vectors: chunks.length - failures.length, dimensions: vectors.find(Boolean)?.length ?? 0 }
  const [first] = failures
  return first === undefined ? detail : { ...detail, refused: failures.length, reason: first.message }
}

async function entities({ draft, findings, limits }: StageWork, { clients }: StageTools): Promise<Json> {
  const text = beginningOf(draft.content)
  const request = { text, sourcePath: draft.source ?? draft.id, title: draft.title }
  const found = await clients.extractor.extractEntities(request, limits)
  findings.entities = found.entities
  findings.relationships = found.relationships
  return {
    entities: found.entities.length,
    relationships: found.relationships.length,
    ...(found.skipped.length === 0 ? {} : { skipped: found.skipped.length }),
    ...readOf(text, draft),
  }
}

async function semantic({ draft, findings, limits }: StageWork, { clients }: StageTools): Promise<Json> {
  const content = beginningOf(draft.content)
  const request = { content, context: draft.title, minConfidence: 0.5 }
  const found = await clients.langextract.analyzeSemantic(request, limits)
  findings.language = found.language
  findings.analysis = {
    concepts: found.concepts.map(({ concept, score, context }) => ({
      name: concept,
      score,
      detail: { context },
    })),
    themes: found.themes.map(({ theme, weight, relatedConcepts }) => {
      return { name: theme, score: weight, detail: { related_concepts: relatedConcepts } }
    }),
    domains: found.domains.map(({ domain, confidence, subdomain }) => {
      return { name: domain, score: confidence, detail: { subdomain } }
    }),
  } satisfies Analysis
  const { concepts, themes, domains } = findings.analysis
  const counts = { concepts: concepts.length, themes: themes.length, domains: domains.length }
  const skipped = found.skipped.length === 0 ? {} : { skipped: found.skipped.length }
  return { ...counts, ...skipped, ...readOf(content, draft) }
}

async function freshness({ draft, limits }: StageWork, { clients }: StageTools): Promise<Json> {
  const documentType = documentKind(draft.source ?? draft.title)
  const facts = { lastModified: draft.modifiedAt, documentType, content: readContentFacts(draft.content) }
  // The same moment in every attempt, so that a repeated one writes nothing twice.
  const score = scoreFreshness(facts, draft.acceptedAt)
  await clients.freshness.upsertDocument(
    {
      documentId: draft.id,
      filePath: draft.source ?? draft.id,
      fileSize: contentSize(draft.content),
      contentHash: contentHash(draft.content),
      lastModified: draft.modifiedAt,
      documentType,
    },
    limits,
  )
  await clients.freshness.recordScore(draft.id, score, { at: draft.acceptedAt, ...limits })
  return {
    ...{ level: score.freshnessLevel, score: score.freshnessScore },
    ...{ modified_at: draft.modifiedAt, document_type: documentType },
  }
}

/** The freshness score's document types, by the path's words. @example documentKind('docs/api/pool.md') // 'API' */
export function documentKind(path: string): string {
  const kinds: [string, RegExp][] = [
    ['README', /(^|\/)readme\b/i],
    ['CHANGELOG', /(^|\/)(changelog|changes|history|news)\b/i],
    ['ARCHITECTURE', /\b(architecture|design|decisions?|adr)\b/i],
    ['API', /\b(api|reference)\b/i],
    ['GUIDE', /\b(guides?|tutorials?|how-?to|getting-started|best-practices|examples?)\b/i],
  ]
  return kinds.find(([, words]) => words.test(path))?.[0] ?? 'UNKNOWN'
}

function beginningOf(text: string): string {
  return text.length <= MOST_READ ? text : text.slice(0, wholeCodePoint(text, MOST_READ))
}

function readOf(read: string, { content }: Draft): { read?: number; of?: number } {
  return read.length === content.length ? {} : { read: read.length, of: content.length }
}
