/** What the pipeline found out about a document, stage by stage, and how that is kept between two runs. */
import type { Analysis, Entity, Json, Relationship } from '../store/records.ts'
import { fromBlob, toBlob } from '../store/vectors.ts'
import type { Chunk } from './chunk.ts'
import type { StageName } from './stage-names.ts'

export { stageNames, type StageName } from './stage-names.ts'

/** Without these there is nothing to search. The others degrade: the document is found all the same. */
export const requiredStages: ReadonlySet<StageName> = new Set(['chunk', 'embed', 'deliver'])

export interface Findings {
  chunks?: readonly Chunk[]
  /** One for each chunk; null for one that is not embedded (yet, or because the model refuses its text). */
  vectors?: readonly (Float32Array | null)[]
  entities?: readonly Entity[]
  relationships?: readonly Relationship[]
  analysis?: Analysis
  language?: string
  /** What each stage that is done has to tell. A stage without an entry has to be done (again). */
  done: Partial<Record<StageName, Json>>
}

/** Chunks are quicker cut again than kept, and a delivery is never kept. */
const notKept: ReadonlySet<StageName> = new Set(['chunk', 'deliver'])

/** As text. Vectors are the bytes of their 32-bit numbers, in base64. */
export function packFindings(findings: Findings): string {
  const { chunks: _cutAgain, vectors, done, ...rest } = findings
  const kept = Object.fromEntries(Object.entries(done).filter(([stage]) => !notKept.has(stage as StageName)))
  return JSON.stringify({ ...rest, done: kept, vectors: vectors?.map(packVector) })
}

export function unpackFindings(text: string): Findings {
  const { vectors, ...rest } = JSON.parse(text) as Omit<Findings, 'vectors'> & { vectors?: (string | null)[] }
  return vectors === undefined ? rest : { ...rest, vectors: vectors.map(unpackVector) }
}

/** Little-endian, as every machine that this runs on has it. */
export function packVector(vector: Float32Array | null): string | null {
  return vector === null ? null : Buffer.from(toBlob(vector)).toString('base64')
}

export function unpackVector(text: string | null): Float32Array | null {
  return text === null ? null : fromBlob(Uint8Array.from(Buffer.from(text, 'base64')))
}
