/** What is in a file: snapshots, or verdicts that were kept. Judged before it is believed. */
import { diagnose, type ProcessSnapshot, type Verdict } from 'keepwarm'
import { CliError } from '../cli-error.ts'
import { isRecord, isSnapshot } from '../service/snapshot.ts'

/** What `/diagnose` answers, and `--json` prints. */
export interface Diagnosis {
  readonly version: 1
  /** Milliseconds since 1970. */
  readonly at: number
  readonly verdicts: readonly Verdict[]
}

export function isDiagnosis(value: unknown): value is Diagnosis {
  return (
    isRecord(value) &&
    value['version'] === 1 &&
    typeof value['at'] === 'number' &&
    Array.isArray(value['verdicts']) &&
    value['verdicts'].every(isVerdict)
  )
}

function isVerdict(value: unknown): boolean {
  return (
    isRecord(value) &&
    ['kind', 'level', 'text'].every((name) => typeof value[name] === 'string') &&
    Array.isArray(value['evidence'])
  )
}

export interface Document {
  /** For messages. */
  readonly name: string
  readonly text: string
}

/**
 * The diagnosis of documents: each one snapshot, a list of them, or a diagnosis that was kept (then it is the only one).
 * @throws CliError naming the document that is something else
 */
export function diagnoseDocuments(documents: readonly Document[]): Diagnosis {
  const values = documents.map((document) => ({ ...document, value: parse(document) }))
  const [first] = values
  if (values.length === 1 && isDiagnosis(first?.value)) return first.value
  const snapshots = values.flatMap(({ name, value }) => {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value]
    if (list.length === 0) throw new CliError(`${name} is an empty list; a snapshot is needed`)
    return list.map((each) => snapshotOf(name, each))
  })
  const [now, ...before] = snapshots.toSorted((a, b) => b.at - a.at)
  return { version: 1, at: now!.at, verdicts: diagnoseSnapshots(before, now!) }
}

function diagnoseSnapshots(before: readonly ProcessSnapshot[], now: ProcessSnapshot): readonly Verdict[] {
  try {
    return diagnose(before.length === 0 ? undefined : before, now)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new CliError(`this is no whole snapshot: ${error.message}`, undefined, { cause: error })
  }
}

function snapshotOf(name: string, value: unknown): ProcessSnapshot {
  if (isSnapshot(value)) return value
  if (isRecord(value) && 'version' in value && value['version'] !== 1)
    throw new CliError(`${name} is of version ${String(value['version'])}; this command knows version 1`)
  throw new CliError(
    `${name} holds no snapshot; save one with: curl http://127.0.0.1:9090/snapshot.json > ${name}`,
  )
}

function parse({ name, text }: Document): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new CliError(`${name} is no JSON; a snapshot is needed, as /snapshot.json answers it`, undefined, {
      cause: error,
    })
  }
}
