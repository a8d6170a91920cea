/** A service for tests, and requests to it; also for processes that are no test themselves. */
import { startService, type Service, type ServiceOptions } from '../src/app.ts'
import { readSettings, type Environment } from '../src/config/settings.ts'
import type { Json } from './upstreams-support.ts'

/** A service on a free port. Pauses are short, so that a test sees what comes after them. */
export function begin(
  env: Environment = {},
  options: Omit<ServiceOptions, 'settings'> = {},
): Promise<Service> {
  const worker = { backoff: { base: 50, cap: 100 }, ...options.worker }
  return startService({ settings: readSettings({ PORT: '0', ...env }), ...options, worker })
}

export interface Answer {
  readonly status: number
  readonly type: string | null
  readonly body: Json
}

/** A string as it is, anything else as JSON. */
export function textOf(json: Json | undefined): string {
  const value = json as unknown
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export async function ask(
  { url }: { readonly url: string },
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): Promise<Answer> {
  const sent = body === undefined ? {} : { headers, body: bodyOf(body) }
  const response = await fetch(url + path, { method, ...sent })
  const text = await response.text()
  const type = response.headers.get('content-type')
  return { status: response.status, type, body: (text === '' ? null : JSON.parse(text)) as Json }
}

/** Posts a document and gives its id. */
export async function post(running: { readonly url: string }, document: object): Promise<string> {
  const { status, body } = await ask(running, 'POST', '/documents', document)
  if (status !== 202) throw new Error(`not accepted: ${JSON.stringify(body)}`)
  return textOf(body['id'])
}

/** Texts that differ, each with a name of its own in it. */
export function texts(amount: number): { content: string; source: string }[] {
  return Array.from({ length: amount }, (_, index) => ({
    content: `# Page ${index}\n\nThe ConnectionPool of page ${index} keeps idle sockets warm for Node.js.\n\n## Details\n\nWord${index} is said here only.`,
    source: `docs/page-${index}.md`,
  }))
}

/** Texts and bytes as they are, anything else as JSON. */
function bodyOf(body: unknown): string | Uint8Array<ArrayBuffer> {
  if (body instanceof Uint8Array) return new Uint8Array(body)
  return typeof body === 'string' ? body : JSON.stringify(body)
}
