/** What is wrong with where a client may send requests, as far as its own options tell. */
import { originAdmission } from '../egress/admission.ts'
import { egressOptionNames, egressProblems } from '../egress/options.ts'
import type { ConfigProblem } from '../errors.ts'
import type { HttpClientOptions } from './options.ts'
import { parseHttpUrl } from './target.ts'

/** A client that could never call its own base URL, or whose pool would not hear of the rule, is a mistake. */
export function reachProblems(options: HttpClientOptions): ConfigProblem[] {
  const given = Object.keys(egressOptionNames).filter(
    (name) => options[name as keyof HttpClientOptions] !== undefined,
  )
  if (given.length === 0) return []
  if (options.pool !== undefined) {
    const expected = 'an option of the shared pool: new ConnectionPool({ … })'
    return given.map((variable) => ({ variable, received: 'beside `pool`', expected }))
  }
  const problems = egressProblems(options)
  return problems.length > 0
    ? problems
    : [options.baseUrl ?? []].flat().flatMap((url) => homeProblem(options, url))
}

function homeProblem(options: HttpClientOptions, baseUrl: string | URL): ConfigProblem[] {
  const url = parseHttpUrl(String(baseUrl))
  if (url === undefined) return [] // told elsewhere
  try {
    originAdmission(options)?.(url.origin)
    return []
  } catch (error) {
    const expected = `an origin that may be called: ${(error as Error).message}`
    return [{ variable: 'baseUrl', received: JSON.stringify(url.origin), expected }]
  }
}
