/** One request: found, let in or refused, answered. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { administer, isAdminRoute, type AdminHost } from './admin/admin.ts'
import { redirect, text } from './answer.ts'
import { admit, isRead, type Admission } from './guard.ts'
import type { Settings } from './options.ts'
import { sendStepPage } from './page.ts'
import { cleanLocation, placeOf, queryOf, type Place } from './place.ts'
import { reads, type ReadsHost } from './reads.ts'
import { sessionCookie } from './session.ts'
import { isSecure, visitorOf } from './visitor.ts'

export interface HandleHost extends ReadsHost {
  readonly settings: Settings
  readonly admin: AdminHost
}

/** Express and others go on to what comes next; a plain server has nothing else. */
export type Next = (error?: unknown) => void

/** What frameworks add to a request. */
interface Framed {
  readonly originalUrl?: string
}

export function handle(
  host: HandleHost,
  mount: string,
  request: IncomingMessage,
  response: ServerResponse,
  next?: Next,
): void {
  const url = request.url ?? '/'
  const place = placeOf(url, (request as Framed).originalUrl, mount)
  if (place === undefined) {
    if (next !== undefined) next()
    else text(response, 404, `There is nothing here; the dashboard is at ${mount}/`)
    return
  }
  respond(host, place, request, response).catch((error: unknown) => fail(host, error, response))
}

async function respond(
  host: HandleHost,
  place: Place,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { settings, admin } = host
  const query = queryOf(request.url ?? '/')
  const visitor = visitorOf(request, place.route, query)
  const admission = admit(visitor, settings, settings.runtime.wallClock())
  if (admission.kind === 'refuse') return refuse(admission, response)
  if (admission.kind === 'exchange') {
    const location = cleanLocation(place, query)
    const cookie = sessionCookie(admission.session, place.base, isSecure(request))
    if (visitor.site === 'cross-site') return sendStepPage(response, location, { 'set-cookie': cookie })
    return redirect(response, 303, location, { 'set-cookie': cookie })
  }
  const isAboutHealth = place.route.startsWith('/health/')
  if (host.broadcast.closed && !isAboutHealth) return text(response, 503, 'The dashboard is closed.')
  if (isAdminRoute(place.route)) return administer(admin, place.route, request, response)
  if (place.route === '') return redirect(response, 308, cleanLocation(place, query))
  const read = Object.hasOwn(reads, place.route) ? reads[place.route] : undefined
  if (read === undefined) return text(response, 404, `There are: ${Object.keys(reads).join(', ')}`)
  if (!isRead(visitor.method)) return text(response, 405, 'It can only be read.', { allow: 'GET, HEAD' })
  await read(host, { request, response, query, isPublic: admission.by === 'public' })
}

function refuse(
  { status, text: sentence }: Extract<Admission, { kind: 'refuse' }>,
  response: ServerResponse,
): void {
  text(response, status, sentence, status === 401 ? { 'www-authenticate': 'Bearer realm="keepwarm"' } : {})
}

/** A fault of ours: the log knows it, and whoever asked does not. */
function fail({ settings }: HandleHost, error: unknown, response: ServerResponse): void {
  settings.log.warn({ err: error }, 'dashboard: could not answer')
  if (response.headersSent) return void response.destroy()
  text(response, 500, 'The dashboard could not answer; the log of the service says why.')
}
