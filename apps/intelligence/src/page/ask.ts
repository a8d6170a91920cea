/** Requests to the service that this page came from, and what it says when it refuses. */
import { needsToken } from './store.ts'

interface ProblemDetails {
  readonly detail?: unknown
  readonly rejected?: readonly Rejected[]
}

/** One of several documents that the service did not take. */
export interface Rejected {
  readonly index: number
  readonly errors?: readonly { readonly field: string; readonly message: string }[]
}

/** The service did not do it; the text is a sentence of its own. */
export class Refusal extends Error {
  readonly status: number
  readonly rejected: readonly Rejected[]

  constructor(status: number, text: string, rejected: readonly Rejected[] = []) {
    super(text)
    this.status = status
    this.rejected = rejected
  }
}

/** Seconds that the page waits when it is told that it asks too often. */
const MOST_PATIENCE = 10

/** @throws Refusal; with status 0 when nobody answered */
export async function ask<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  const response = await send(method, path, body)
  if (response.status === 204) return undefined as Answer
  // A service that is not well says how it is with 503, and that is an answer.
  const isAnswer = /^application\/json\b/.test(response.headers.get('content-type') ?? '')
  if (response.ok || isAnswer) return (await response.json()) as Answer
  if (response.status === 401 && path !== 'session') needsToken.value = true
  const { detail, rejected } = await problemOf(response)
  throw new Refusal(response.status, detail, rejected)
}

/** Below the page's own address, wherever a proxy may have put it. */
export function addressOf(path: string): string {
  const { pathname, search } = new URL(path, document.baseURI)
  return pathname + search
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function send(method: string, path: string, body: object | undefined): Promise<Response> {
  const headers = { accept: 'application/json', ...(body && { 'content-type': 'application/json' }) }
  const once = (): Promise<Response> =>
    fetch(addressOf(path), { method, headers, ...(body && { body: JSON.stringify(body) }) }).catch(() => {
      throw new Refusal(0, 'the service does not answer')
    })
  const response = await once()
  if (response.status !== 429) return response
  const seconds = Number(response.headers.get('retry-after') ?? 1)
  await new Promise((resolve) => setTimeout(resolve, Math.min(seconds, MOST_PATIENCE) * 1_000))
  return once()
}

export async function problemOf(
  response: Response,
): Promise<{ readonly detail: string; readonly rejected?: readonly Rejected[] }> {
  const { detail, rejected } = await response.json().then(
    (body: ProblemDetails) => body,
    (): ProblemDetails => ({}),
  )
  const text = typeof detail === 'string' ? detail : `the service refuses: status ${response.status}`
  return { detail: text, ...(rejected && { rejected }) }
}
