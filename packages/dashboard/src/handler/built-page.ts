/** A page that was built into one document, as it is served: packed once, with a policy that lets nothing else run. */
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { answer, text } from './answer.ts'

/** What a built page is. */
export interface PageModule {
  readonly pageHtml: string
  readonly contentSecurityPolicy: string
}

interface Served {
  readonly plain: Buffer
  readonly packed: Buffer
  readonly policy: string
}

export class BuiltPage {
  private readonly load: () => Promise<PageModule>
  private readonly missing: string
  private served: Promise<Served | undefined> | undefined

  /**
   * @param load imports the built module; it is asked for when the page is first wanted
   * @param missing what is said in its place in a checkout where nobody built it
   */
  constructor(load: () => Promise<PageModule>, missing: string) {
    this.load = load
    this.missing = missing
  }

  async send(response: ServerResponse): Promise<void> {
    this.served ??= this.prepare()
    const page = await this.served
    if (page === undefined) {
      this.served = undefined
      return text(response, 503, this.missing)
    }
    const takesGzip = /\bgzip\b/.test(String(response.req.headers['accept-encoding'] ?? ''))
    const headers = {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': page.policy,
      vary: 'accept, accept-encoding',
      ...(takesGzip && { 'content-encoding': 'gzip' }),
    }
    answer(response, 200, headers, takesGzip ? page.packed : page.plain)
  }

  private async prepare(): Promise<Served | undefined> {
    try {
      const { pageHtml, contentSecurityPolicy } = await this.load()
      const plain = Buffer.from(pageHtml)
      return { plain, packed: gzipSync(plain, { level: 9 }), policy: contentSecurityPolicy }
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') return undefined
      throw error
    }
  }
}
