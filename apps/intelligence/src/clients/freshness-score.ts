/**
 * How fresh a document is: four scores from 0 to 1, weighed, and a level. Pure; the moment is an argument. Weights,
 * half-life, penalties and levels are the original system's. Where it left no numbers (how content and usage are
 * counted) they are chosen here.
 */

export type FreshnessLevel = 'FRESH' | 'STALE' | 'OUTDATED' | 'CRITICAL'

/** From the freshest to the stalest. */
export const freshnessLevels: readonly FreshnessLevel[] = ['FRESH', 'STALE', 'OUTDATED', 'CRITICAL']

export interface DependencyFacts {
  readonly status: 'verified' | 'unverified' | 'outdated' | 'broken'
  /** A broken one takes 0.2 off the whole score. */
  readonly critical?: boolean
  /** Milliseconds since 1970; more than 90 days ago counts less. */
  readonly lastVerified?: number
}

export interface ContentFacts {
  readonly words: number
  readonly codeExamples: number
  /** Places that call something deprecated, obsolete or no longer supported. */
  readonly deprecations: number
  /** Places that say that something is still to be done. */
  readonly openEnds: number
}

export interface FreshnessFacts {
  /** Milliseconds since 1970. */
  readonly lastModified: number
  /** Such as `README` or `API`; what is not known counts as `UNKNOWN`. */
  readonly documentType?: string
  readonly dependencies?: readonly DependencyFacts[]
  readonly content?: ContentFacts
  readonly usage?: { readonly readsInLast30Days: number }
}

export interface FreshnessScore {
  /** All four, weighed, 0 to 1. */
  readonly freshnessScore: number
  readonly timeScore: number
  readonly dependencyScore: number
  readonly contentScore: number
  readonly usageScore: number
  readonly freshnessLevel: FreshnessLevel
}

const DAY = 86_400_000
const HALF_LIFE = 30
const weights = { time: 0.4, dependency: 0.3, content: 0.2, usage: 0.1 }

/** The most that a document of a type can reach; the type UNKNOWN stays OUTDATED even when it is new. */
const typeFactors: Readonly<Record<string, number>> = {
  CHANGELOG: 1,
  README: 0.9,
  API: 0.8,
  GUIDE: 0.7,
  ARCHITECTURE: 0.6,
  UNKNOWN: 0.5,
}

/**
 * @param now milliseconds since 1970.
 * @example scoreFreshness({ lastModified: now, documentType: 'README' }, now).freshnessLevel // 'FRESH'
 */
export function scoreFreshness(facts: FreshnessFacts, now: number): FreshnessScore {
  const { dependencies = [], documentType = 'UNKNOWN' } = facts
  const timeScore = scoreTime(facts.lastModified, now)
  const dependencyScore = scoreDependencies(dependencies, now)
  const contentScore = scoreContent(facts.content)
  const usageScore = scoreUsage(facts.usage?.readsInLast30Days)
  const weighed =
    weights.time * timeScore +
    weights.dependency * dependencyScore +
    weights.content * contentScore +
    weights.usage * usageScore
  const broken = dependencies.filter(({ status, critical }) => status === 'broken' && critical === true)
  const factor = typeFactors[documentType.toUpperCase()] ?? typeFactors['UNKNOWN']!
  const freshnessScore = clamp((weighed - 0.2 * broken.length) * factor)
  return {
    freshnessScore,
    timeScore,
    dependencyScore,
    contentScore,
    usageScore,
    freshnessLevel: levelOf(freshnessScore),
  }
}

/** FRESH from 0.8, STALE from 0.6, OUTDATED from 0.3, CRITICAL below. */
export function levelOf(score: number): FreshnessLevel {
  if (score >= 0.8) return 'FRESH'
  if (score >= 0.6) return 'STALE'
  return score >= 0.3 ? 'OUTDATED' : 'CRITICAL'
}

/** Halves every 30 days; a little more in the first week, half of it after a year. A date to come counts as now. */
export function scoreTime(lastModified: number, now: number): number {
  const days = Math.max(0, (now - lastModified) / DAY)
  const decayed = 0.5 ** (days / HALF_LIFE)
  const bonus = days < 7 ? 0.1 * (1 - days / 7) : 0
  return clamp((decayed + bonus) * (days >= 365 ? 0.5 : 1))
}

/** The average over the dependencies; 1 without any. */
export function scoreDependencies(dependencies: readonly DependencyFacts[], now: number): number {
  if (dependencies.length === 0) return 1
  const sum = dependencies.reduce((total, dependency) => total + scoreDependency(dependency, now), 0)
  return sum / dependencies.length
}

const statusFactors = { verified: 1, unverified: 0.8, outdated: 0.6, broken: 0.3 }

function scoreDependency({ status, lastVerified }: DependencyFacts, now: number): number {
  const long = lastVerified !== undefined && now - lastVerified > 90 * DAY
  return statusFactors[status] * (long ? 0.7 : 1)
}

/** 0.7 to begin with; examples speak for a document, stubs, deprecations and open ends against it. */
export function scoreContent(content: ContentFacts | undefined): number {
  if (content === undefined) return 0.7
  const { words, codeExamples, deprecations, openEnds } = content
  const praise = Math.min(0.2, 0.1 * codeExamples) + (words >= 300 ? 0.1 : 0)
  const blame = Math.min(0.2, 0.05 * deprecations) + Math.min(0.2, 0.05 * openEnds) + (words < 50 ? 0.2 : 0)
  return clamp(0.7 + praise - blame)
}

/** 0.5 when nothing is known; 0.2 when nobody reads it, 1 from a hundred reads on. */
export function scoreUsage(reads: number | undefined): number {
  if (reads === undefined) return 0.5
  return clamp(0.2 + 0.4 * Math.log10(1 + Math.max(0, reads)))
}

/** Counts what {@link scoreContent} looks at, in a text or Markdown. */
export function readContentFacts(text: string): ContentFacts {
  return {
    words: text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0,
    codeExamples: Math.floor((text.match(/^(?:```|~~~)/gm)?.length ?? 0) / 2),
    deprecations: text.match(/\b(?:deprecated|obsolete|no longer supported)\b/gi)?.length ?? 0,
    openEnds: text.match(/\b(?:TODO|FIXME|TBD)\b/g)?.length ?? 0,
  }
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value))
}
