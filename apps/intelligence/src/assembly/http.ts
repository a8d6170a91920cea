/** The HTTP server: what every request meets before it comes to its route, and how the server ends. */
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { destination, type DestinationStream } from 'pino'
import type { Settings } from '../config/settings.ts'
import { guard } from '../routes/guard.ts'
import { followRequests, identify } from '../routes/identify.ts'
import { takeJsonOnly } from '../routes/json.ts'
import { answerProblems } from '../routes/problems.ts'

/** The largest body of a request, in bytes. */
const BODY_LIMIT = 16 * 1024 * 1024
/** Milliseconds that requests under way get when the server closes. */
const GRACE = 2_000

/** @param log where lines go; default: standard error */
export function makeApp(settings: Settings, log?: DestinationStream): FastifyInstance {
  const { logLevel } = settings
  const stream = log ?? destination({ dest: 2, sync: true })
  const logger =
    logLevel === 'silent' ? false : { level: logLevel, stream, serializers: { req: shownRequest } }
  const app = fastify({
    logger,
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: 1_000 },
    // A header that never ends, or a body that trickles, holds a connection for so long at most.
    requestTimeout: 60_000,
    ...identify,
  })
  followRequests(app)
  answerProblems(app)
  guard(app, settings)
  takeJsonOnly(app)
  return app
}

/** Without the query, which is what somebody looked for, and without headers, which hold tokens. */
function shownRequest({ method, url, ip }: FastifyRequest): Record<string, unknown> {
  return { method, path: url.split('?', 1)[0], remote: ip }
}

/** Requests under way get a moment to finish; what is open after that is ended. */
export async function closeApp(app: FastifyInstance): Promise<void> {
  const late = setTimeout(() => app.server.closeAllConnections(), GRACE)
  await app.close()
  clearTimeout(late)
}
