/** The document that the service gives of itself is true: of its routes, and of what they answer. */
import { expect, test } from 'vitest'
import type { z } from 'zod'
import { makeApp } from '../src/assembly/http.ts'
import { readSettings } from '../src/config/settings.ts'
import * as schemas from '../src/openapi/answers.ts'
import { operations } from '../src/openapi/operations.ts'
import { allRoutes } from '../src/routes/all.ts'
import { pageRoutes } from '../src/routes/page.ts'
import { DASHBOARD_PATH, watchRoutes } from '../src/routes/watch.ts'
import { DELIVERY_PATH } from '../src/indexing/delivery.ts'
import { ask, post, service, settled, tempFolder, textOf, texts, until } from './app-support.ts'

test('every route is described, and nothing that is no route', async () => {
  await using app = makeApp(readSettings({}))
  const routes = new Set<string>()
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat())
      if (one !== 'HEAD') routes.add(`${one} ${url.replace(/:(\w+)/g, '{$1}')}`)
  })
  const running = await service()
  for (const add of allRoutes) add(app, running.context)
  watchRoutes(app, running.context, { apiToken: undefined })
  pageRoutes(app, undefined)
  await app.ready()
  // Of the service to itself: no one else has a use for it.
  routes.delete(`POST ${DELIVERY_PATH}`)
  // The page, and a short form of all this.
  routes.delete('GET /')
  // The dashboard is for people.
  for (const route of routes) if (route.includes(DASHBOARD_PATH)) routes.delete(route)
  expect(operations.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([...routes].toSorted())
})

test('what is answered is what the document says', async () => {
  const running = await service({ INDEX_ROOT: tempFolder() })
  const conforms = async (
    schema: z.ZodType,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Record<string, unknown>> => {
    const answer = await ask(running, method, path, body)
    const read = schema.safeParse(answer.body)
    expect(read.error?.issues ?? [], `${method} ${path}: ${JSON.stringify(answer.body)}`).toEqual([])
    return answer.body as unknown as Record<string, unknown>
  }
  await conforms(schemas.accepted, 'POST', '/documents', texts(1)[0])
  const ids = await Promise.all(texts(3).map((text) => post(running, { ...text, metadata: { a: 1 } })))
  const id = encodeURIComponent(ids[0]!)
  await settled(running, ids[0]!)
  await settled(running, ids[1]!)
  await conforms(schemas.acceptedBatch, 'POST', '/documents/batch', { documents: [{ content: 'a' }, {}] })
  const run = await conforms(schemas.startedRun, 'POST', '/folders', {})
  await conforms(schemas.folderRun, 'GET', String(run['status_url']))
  for (const query of ['', '?state=succeeded', '?state=dead', '?state=degraded'])
    await conforms(schemas.documentList, 'GET', `/documents${query}`)
  const stored = await until(
    () => ask(running, 'GET', `/documents/${id}`),
    ({ status }) => status === 200,
  )
  expect(textOf(stored.body['status'])).toBe('succeeded')
  await conforms(schemas.storedDocument, 'GET', `/documents/${id}`)
  await conforms(schemas.documentStatus, 'GET', `/documents/${id}/status`)
  await conforms(schemas.related, 'GET', `/documents/${id}/related`)
  await conforms(schemas.searchResult, 'GET', '/search?q=ConnectionPool')
  await conforms(schemas.searchResult, 'POST', '/search', { query: 'sockets', filters: { type: 'markdown' } })
  await conforms(schemas.entityList, 'GET', '/entities?name=pool')
  await conforms(schemas.redriven, 'POST', '/dead-letters/redrive', {})
  await conforms(schemas.health, 'GET', '/health')
  await conforms(schemas.live, 'GET', '/health/live')
  await conforms(schemas.ready, 'GET', '/health/ready')
  await conforms(schemas.clientList, 'GET', '/clients')
  for (const [method, path] of [
    ['GET', '/nowhere'],
    ['GET', '/documents?limit=0'],
    ['POST', '/documents'],
    ['POST', `/documents/${id}/retry`],
  ] as const)
    await conforms(schemas.problem, method, path)
  const document = await ask(running, 'GET', '/openapi.json')
  expect(document.body).toMatchObject({ openapi: '3.1.0' })
})
