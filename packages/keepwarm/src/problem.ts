/** Problem details (RFC 9457): what a service says about an error in a form that programs can read. */

export interface Problem {
  /** A URI that names the sort of problem; `about:blank` when there is no more to say than the status does. */
  readonly type: string
  /** The sort of problem in a few words. */
  readonly title?: string
  /** The status that the service meant; the response's own may differ behind a proxy. */
  readonly status?: number
  /** What happened this time. */
  readonly detail?: string
  /** A URI that names this occurrence. */
  readonly instance?: string
  /** What the service adds. */
  readonly [extension: string]: unknown
}

const texts = ['type', 'title', 'detail', 'instance'] as const

/**
 * Reads a parsed body. Members of the wrong type are passed over, as the RFC asks for.
 *
 * @returns undefined where the content type is not `application/problem+json`, or the body no object
 */
export function problemOf(contentType: string | undefined, body: unknown): Problem | undefined {
  if (!/^\s*application\/problem\+json\s*(;|$)/i.test(contentType ?? '')) return undefined
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  const members: Record<string, unknown> = { ...body }
  for (const name of texts) if (typeof members[name] !== 'string') delete members[name]
  if (!Number.isInteger(members['status'])) delete members['status']
  return { ...members, type: (members['type'] as string | undefined) ?? 'about:blank' }
}
