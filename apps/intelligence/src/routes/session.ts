/** A browser cannot send the token in a header: it shows it once, and gets a cookie for it, as from the dashboard. */
import { isSame, isSecure, newSession, sessionCookie } from '@keepwarm/dashboard/serving'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { accept, Problem } from './problems.ts'

export const newSessionBody = z.strictObject({ token: z.string().min(1).max(1_000) })

export function sessionRoutes(app: FastifyInstance, apiToken: string | undefined): void {
  app.post('/session', (request, reply) => {
    if (apiToken === undefined) throw new Problem(409, 'this service asks for no token: just ask')
    const { token } = accept(newSessionBody, request.body, 'the token')
    const cookie = cookieFor(request, token, apiToken)
    if (cookie === undefined) throw new Problem(401, 'this is not the token of this service')
    return reply.code(204).header('set-cookie', cookie).send()
  })
}

/**
 * @returns undefined for a wrong token. The dashboard takes the same cookie, so that whoever is let in is let in
 *   everywhere.
 */
export function cookieFor({ raw }: FastifyRequest, token: string, apiToken: string): string | undefined {
  if (!isSame(token, apiToken)) return undefined
  return sessionCookie(newSession(apiToken, Date.now()), '', isSecure(raw))
}
