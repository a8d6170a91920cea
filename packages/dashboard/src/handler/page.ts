/** The dashboard's page, and the step that a browser takes towards it. */
import type { ServerResponse } from 'node:http'
import { answer, nothingRuns } from './answer.ts'
import { BuiltPage } from './built-page.ts'

const page = new BuiltPage(
  () => import('../built/page.js'),
  'The page is not built: npm run build -w @keepwarm/dashboard. Until then there are snapshot.json, diagnose and metrics.',
)

export function sendPage(response: ServerResponse): Promise<void> {
  return page.send(response)
}

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
