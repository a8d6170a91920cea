/** What a fault server is told when it is started, and what is wrong with it. */
import { ConfigError } from '../errors.ts'
import { namesOf, optionProblems } from '../known-options.ts'
import { answerProblems, isTime, ruleProblems } from './fault-answer.ts'
import type { Script } from './fault-script.ts'
import { broken } from './option-rules.ts'

/** How a `faultServer()` behaves. */
export interface FaultServerOptions extends Script {
  /** Of the chance in `rules`; a whole number. Default 1. */
  readonly seed?: number
  /** Closes connections that carried nothing for so many ms, without a hint before. Default: never. */
  readonly idleTimeout?: number
  /** Headers, parameters and members whose values the log masks, besides those that everybody knows. */
  readonly secrets?: readonly string[]
  /** So many requests are kept in the log; older ones go. Default 1,000. */
  readonly maxLogged?: number
  /** So many bytes of a request's body are kept. Default 65,536. */
  readonly maxLoggedBody?: number
}

const optionNames = namesOf<FaultServerOptions>({
  rules: true,
  script: true,
  otherwise: true,
  seed: true,
  idleTimeout: true,
  secrets: true,
  maxLogged: true,
  maxLoggedBody: true,
})

/** @throws ConfigError naming every option that is wrong */
export function checkFaultServer(options: FaultServerOptions): void {
  const unknown = optionProblems(options, optionNames)
  if (unknown.length > 0) throw new ConfigError(unknown)
  const { rules = [], script = [], otherwise = {}, seed = 1, idleTimeout = 1 } = options
  const { maxLogged = 1, maxLoggedBody = 1, secrets = [] } = options
  const lists = broken([
    ['rules', rules, Array.isArray(rules), 'a list of rules'],
    ['script', script, Array.isArray(script), 'a list of answers'],
    ['secrets', typeof secrets, Array.isArray(secrets), 'a list of names'],
    ['seed', seed, Number.isInteger(seed), 'a whole number'],
    ['idleTimeout', idleTimeout, isTime(idleTimeout) && idleTimeout > 0, 'milliseconds above 0'],
    ['maxLogged', maxLogged, Number.isInteger(maxLogged) && maxLogged >= 1, 'a whole number from 1'],
    ['maxLoggedBody', maxLoggedBody, Number.isInteger(maxLoggedBody) && maxLoggedBody >= 0, 'bytes, from 0'],
  ])
  if (lists.length > 0) throw new ConfigError(lists)
  const problems = [
    ...rules.flatMap((rule, index) => ruleProblems(rule, `rules[${index}]`)),
    ...script.flatMap((answer, index) => answerProblems(answer, `script[${index}]`)),
    ...answerProblems(otherwise, 'otherwise'),
  ]
  if (problems.length > 0) throw new ConfigError(problems)
}
