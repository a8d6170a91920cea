/** The page, as it is served: packed once, with a policy that lets nothing run but what stands in it. */
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { answer, nothingRuns, text } from './answer.ts'

interface Served {
  readonly plain: Buffer
  readonly packed: Buffer
  readonly policy: string
}

let served: Promise<Served | undefined> | undefined

export async function sendPage(response: ServerResponse): Promise<void> {
  served ??= loadPage()
  const page = await served
  if (page === undefined) {
    served = undefined
    return text(response, 503, notBuilt)
  }
  const takesGzip = /\bgzip\b/.test(String(response.req.headers['accept-encoding'] ?? ''))
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': page.policy,
    vary: 'accept-encoding',
    ...(takesGzip && { 'content-encoding': 'gzip' }),
  }
  answer(response, 200, headers, takesGzip ? page.packed : page.plain)
}

/** The page is built: it is missing in a checkout where nobody did. */
async function loadPage(): Promise<Served | undefined> {
  try {
    const { pageHtml, contentSecurityPolicy } = await import('../built/page.js')
    const plain = Buffer.from(pageHtml)
    return { plain, packed: gzipSync(plain, { level: 9 }), policy: contentSecurityPolicy }
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}

const notBuilt =
  'The page is not built: npm run build -w @keepwarm/dashboard. Until then there are snapshot.json, diagnose and metrics.'

/** A page that leads on by itself: a browser sends no strict cookie after a redirect that another site began. */
export function sendStepPage(
  response: ServerResponse,
  location: string,
  headers: Record<string, string>,
): void {
  const target = location.replace(/[&"<>]/g, (char) => `&#${char.charCodeAt(0)};`)
  const html = `<!doctype html><meta http-equiv="refresh" content="0;url=${target}"><a href="${target}">The dashboard</a>`
  const types = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': nothingRuns }
  answer(response, 200, { ...types, ...headers }, html)
}
