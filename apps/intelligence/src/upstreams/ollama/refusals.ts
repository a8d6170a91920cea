/** Errors in Ollama's shape, and in the shape of the OpenAI-style paths. */
import { describeProblems, Refusal, type Problem } from '../refusal.ts'

export function badRequest(problems: readonly Problem[]): Refusal {
  return new Refusal(400, { error: describeProblems(problems) })
}

export function openAiError(status: number, message: string): Refusal {
  const type = status === 404 ? 'not_found_error' : status === 400 ? 'invalid_request_error' : 'api_error'
  return new Refusal(status, { error: { message, type, param: null, code: null } })
}
