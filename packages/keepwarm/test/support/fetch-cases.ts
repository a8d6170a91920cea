/** What is put to undici's fetch and to ours: requests, answers, redirects, aborts. */
import type { Case } from './fetch-case.ts'
import { aborts } from './fetch-cases-aborts.ts'
import { answers } from './fetch-cases-answers.ts'
import { inputs } from './fetch-cases-inputs.ts'
import { redirects } from './fetch-cases-redirects.ts'
import { requests } from './fetch-cases-requests.ts'

export const cases: Readonly<Record<string, readonly Case[]>> = {
  requests,
  inputs,
  answers,
  redirects,
  aborts,
}
