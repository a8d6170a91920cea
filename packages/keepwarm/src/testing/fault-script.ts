/** Which answer a request gets: pure, but for its counts. Chance comes in as an argument. */
import type { FaultAnswer, FaultRule } from './fault-answer.ts'

/** What matters of a request for that. */
export interface ScriptedRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  /** Whether its connection has served before. */
  readonly reused: boolean
}

export interface Script {
  readonly rules?: readonly FaultRule[]
  readonly script?: readonly FaultAnswer[]
  readonly otherwise?: FaultAnswer
}

/** The first rule that fits; else the next answer of the script; else what is said for all others. */
export class ScriptReader {
  private readonly rules: readonly FaultRule[]
  private readonly script: readonly FaultAnswer[]
  private readonly otherwise: FaultAnswer
  /** How many requests fitted each rule, but for its `nth` and its chance. */
  private readonly fitted: number[]
  private at = 0

  constructor({ rules = [], script = [], otherwise = {} }: Script) {
    this.rules = rules
    this.script = script
    this.otherwise = otherwise
    this.fitted = rules.map(() => 0)
  }

  /** Answers of the script that nobody has got yet. */
  get left(): number {
    return this.script.length - this.at
  }

  /** @param random gives numbers in [0, 1); asked once for each rule with a chance that fits otherwise. */
  next(request: ScriptedRequest, random: () => number): FaultAnswer {
    let chosen: FaultAnswer | undefined
    // All rules count, also those behind the one that is taken: else what is the nth would depend on their order.
    for (const [index, rule] of this.rules.entries()) {
      if (!fits(rule, request)) continue
      this.fitted[index]! += 1
      if (this.isDue(rule, this.fitted[index]!, random)) chosen ??= rule.answer
    }
    if (chosen !== undefined) return chosen
    return this.script[this.at] === undefined ? this.otherwise : this.script[this.at++]!
  }

  private isDue({ nth, chance }: FaultRule, count: number, random: () => number): boolean {
    const isTurn = nth === undefined || (typeof nth === 'number' ? nth === count : nth.includes(count))
    return isTurn && (chance === undefined || random() < chance)
  }
}

function fits(rule: FaultRule, { method, path, reused }: ScriptedRequest): boolean {
  if (rule.method !== undefined && rule.method !== method) return false
  if (rule.reused !== undefined && rule.reused !== reused) return false
  return rule.path === undefined || fitsPath(rule.path, path.split('?', 1)[0]!)
}

function fitsPath(wanted: string | RegExp, path: string): boolean {
  if (wanted instanceof RegExp) return path.search(wanted) !== -1 // unlike test(), without a memory
  return wanted.endsWith('*') ? path.startsWith(wanted.slice(0, -1)) : wanted === path
}
