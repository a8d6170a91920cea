/** What a proxy answered, when it answered. */
export interface ProxyAnswer {
  /** Status of its answer to CONNECT. */
  readonly statusCode?: number
  readonly cause?: unknown
}

/**
 * A proxy opened no way to the origin. The text names the proxy without its credentials. `code` is the platform's own
 * where there is one (ECONNREFUSED, a certificate fault), otherwise undici's for proxies, `UND_ERR_PRX_CONN`.
 *
 * @example
 * if (error.cause instanceof ProxyError && error.cause.statusCode === 407) askForCredentials()
 */
export class ProxyError extends Error {
  readonly code: string
  /** Such as `http://proxy:3128`. */
  readonly proxy: string
  /** The proxy's answer to CONNECT: 407, 403, 502 … */
  readonly statusCode: number | undefined

  constructor(proxy: string, message: string, { statusCode, cause }: ProxyAnswer = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = codeOf(cause) ?? 'UND_ERR_PRX_CONN'
    this.proxy = proxy
    this.statusCode = statusCode
  }

  override get name(): string {
    return 'ProxyError'
  }
}

function codeOf(cause: unknown): string | undefined {
  const code: unknown = cause instanceof Error ? (cause as { code?: unknown }).code : undefined
  return typeof code === 'string' ? code : undefined
}
