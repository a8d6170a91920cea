/** What a {@link FaultServer} can be told to do with a request, and what is wrong with what it was told. */
import http from 'node:http'
import type { ConfigProblem } from '../errors.ts'
import { namesOf, optionProblems } from '../known-options.ts'
import { broken } from './option-rules.ts'

/** Each kind of misbehaviour, and what comes of it. */
export const faults = {
  reset: 'the connection is reset (RST) in place of an answer',
  close: 'the connection is closed (FIN) in place of an answer',
  reset_after_head: 'the head arrives, then the connection is reset',
  reset_in_body: 'the head and half of the body arrive, then the connection is reset',
  truncate: 'the head and half of the body arrive, then the connection is closed as if that were all',
  hang: 'nothing is ever answered',
  hang_in_body: 'the head and half of the body arrive, then nothing more',
  trickle: 'the body arrives byte by byte, one every `every` ms',
  garbage: 'what arrives is not HTTP',
  broken_json: 'a whole answer, whose JSON is cut off in the middle',
  short_length: 'a Content-Length that is smaller than the body by half',
} as const

export type Fault = keyof typeof faults

/** An answer, or what becomes of a request in its place. Times are milliseconds. */
export interface FaultAnswer {
  /** Default 200. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** The body, as JSON. Default without `body`: `{"ok":true}`. */
  readonly json?: unknown
  /** The body as it is, in place of `json`. */
  readonly body?: string | Uint8Array
  /** Until the answer, or the fault, begins. Default 0. */
  readonly delay?: number
  /** A `Retry-After` of so many seconds, or this text. With it the status is 503 unless it is said. */
  readonly retryAfter?: number | string
  /** What goes wrong. Default: nothing. */
  readonly fault?: Fault
  /** For `trickle`: the pause between two bytes. Default 20. */
  readonly every?: number
}

/** For which requests an answer is meant. What is not said does not matter. */
export interface FaultRule {
  /** In capital letters. */
  readonly method?: string
  /** The whole path without its query; with a `*` at its end, how the path begins; or what it must match. */
  readonly path?: string | RegExp
  /** Only requests on a connection that has served before (true: the keep-alive race), or has not (false). */
  readonly reused?: boolean
  /** Only the nth of the requests that fit the above, counted from 1; or each of these. */
  readonly nth?: number | readonly number[]
  /** Only with this probability, from 0 to 1, by the server's `seed`. */
  readonly chance?: number
  readonly answer: FaultAnswer
}

const answerNames = namesOf<FaultAnswer>({
  status: true,
  headers: true,
  json: true,
  body: true,
  delay: true,
  retryAfter: true,
  fault: true,
  every: true,
})

const ruleNames = namesOf<FaultRule>({
  method: true,
  path: true,
  reused: true,
  nth: true,
  chance: true,
  answer: true,
})

/** The longest that a timer can wait. */
const LONGEST = 2_147_483_647

/** @param name of the option that holds it, such as `script[2]`. */
export function answerProblems(answer: FaultAnswer, name: string): readonly ConfigProblem[] {
  const unknown = optionProblems(answer, answerNames, name)
  if (unknown.length > 0) return unknown
  const { status = 200, delay = 0, every = 20, fault, body, json, retryAfter } = answer
  const headers = {
    ...answer.headers,
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
  }
  const isBody = body === undefined || typeof body === 'string' || body instanceof Uint8Array
  const known = `one of ${Object.keys(faults).join(', ')}`
  return broken([
    [`${name}.status`, status, Number.isInteger(status) && status >= 200 && status <= 599, '200 to 599'],
    [`${name}.delay`, delay, isTime(delay), `milliseconds from 0 to ${LONGEST}`],
    [`${name}.every`, every, isTime(every), `milliseconds from 0 to ${LONGEST}`],
    [`${name}.fault`, fault, fault === undefined || Object.hasOwn(faults, fault), known],
    [`${name}.body`, typeof body, isBody, 'a string or bytes; for JSON say json'],
    [`${name}.body`, 'beside json', body === undefined || json === undefined, 'either body or json'],
    [`${name}.json`, 'what JSON has no word for', isJson(json), 'a value that JSON.stringify() can write'],
    [
      `${name}.headers`,
      'a header that is none',
      areHeaders(headers),
      'names of HTTP, and values of one line',
    ],
  ])
}

function isJson(value: unknown): boolean {
  try {
    return value === undefined || JSON.stringify(value) !== undefined
  } catch {
    return false
  }
}

/** Their values are not shown: who knows what they are. */
function areHeaders(headers: Readonly<Record<string, string>>): boolean {
  try {
    for (const [name, value] of Object.entries(headers)) {
      http.validateHeaderName(name)
      http.validateHeaderValue(name, value)
    }
    return true
  } catch {
    return false
  }
}

export function ruleProblems(rule: FaultRule, name: string): readonly ConfigProblem[] {
  const unknown = optionProblems(rule, ruleNames, name)
  if (unknown.length > 0) return unknown
  const { path = '/', nth = 1, chance = 1 } = rule
  const numbers = typeof nth === 'number' ? [nth] : nth
  const isPath = path instanceof RegExp || (typeof path === 'string' && /^[/*][^?]*$/.test(path))
  const isNth = Array.isArray(numbers) && numbers.every((one) => Number.isInteger(one) && one >= 1)
  return [
    ...broken([
      [`${name}.path`, path, isPath, 'a path such as /orders or /orders/*, without a query; or a RegExp'],
      [`${name}.nth`, nth, isNth, 'a whole number from 1, or a list of them'],
      [`${name}.chance`, chance, chance >= 0 && chance <= 1, 'a number from 0 to 1'],
    ]),
    ...answerProblems(rule.answer, `${name}.answer`),
  ]
}

export function isTime(ms: number): boolean {
  return typeof ms === 'number' && ms >= 0 && ms <= LONGEST
}
