/** The routes that change something: off unless the dashboard was told otherwise. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ConfigError } from 'keepwarm'
import { json, problem } from '../answer.ts'
import type { DashboardLog } from '../options.ts'
import type { Act } from './acts.ts'
import { readBody, Refused } from './body.ts'
import type { Journal } from './journal.ts'

/** A header that a page of another site cannot send without being asked first, which nobody answers. */
const adminHeader = 'x-keepwarm-admin'

export interface AdminHost {
  readonly enabled: boolean
  readonly acts: Readonly<Record<string, Act>>
  readonly journal: Journal
  readonly log: DashboardLog
  /** Ms since 1970. */
  readonly wallClock: () => number
}

export function isAdminRoute(route: string): boolean {
  return route.startsWith('/admin/')
}

export async function administer(
  { enabled, acts, journal, log, wallClock }: AdminHost,
  route: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (!enabled)
      throw new Refused(403, 'Forbidden', 'Read-only. Allow changes with dashboard(clients, { admin: true })')
    const name = route.slice('/admin/'.length)
    const act = Object.hasOwn(acts, name) ? acts[name] : undefined
    if (act === undefined) throw new Refused(404, 'Not Found', `There are: ${Object.keys(acts).join(', ')}`)
    if (request.method !== 'POST') throw new Refused(405, 'Method Not Allowed', 'POST it.')
    if (request.headers[adminHeader] === undefined) {
      throw new Refused(
        403,
        'Forbidden',
        `Send the header ${adminHeader}: 1, which shows that no other site asks.`,
      )
    }
    const done = act(await readBody(request))
    journal.write(done, wallClock())
    log.warn({ act: name, client: done.client, origin: done.origin }, `dashboard: by hand: ${done.text}`)
    json(response, 200, { client: done.client, text: done.text, ...done.result })
  } catch (error) {
    answerProblem(error, response)
  }
}

/** @throws what is no fault of whoever asked */
function answerProblem(error: unknown, response: ServerResponse): void {
  if (error instanceof Refused) return problem(response, error.status, error.title, error.message)
  if (!(error instanceof ConfigError)) throw error
  const detail = error.problems
    .map(({ variable, expected }) => `${variable}: expected ${expected}`)
    .join('; ')
  problem(response, 422, 'Unprocessable Content', detail, { problems: error.problems })
}
