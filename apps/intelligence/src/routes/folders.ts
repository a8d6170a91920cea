/** Folders of the service's own machine: read, queued, and followed until each document has come to its end. */
import { realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { IndexRun } from '../indexing/index-run.ts'
import type { ServiceContext } from './context.ts'
import { refuseWhileStopping } from './documents.ts'
import { toWire } from './json.ts'
import { line } from './new-document.ts'
import { accept, Problem } from './problems.ts'

export const newFolder = z.strictObject({
  /** Below `INDEX_ROOT`; empty for all of it. */
  path: line(4_000).default(''),
  name: line(200).min(1, 'must not be empty').optional(),
})

/** Runs that are remembered after their end. */
const REMEMBERED = 50

interface Running {
  readonly run: IndexRun
  readonly path: string
  /** Why the folder could not be read to its end. */
  error: string | null
  reading: boolean
}

export function folderRoutes(app: FastifyInstance, context: ServiceContext): void {
  const runs = new Map<string, Running>()
  const stop = new AbortController()

  app.post('/folders', async (request, reply) => {
    refuseWhileStopping(context)
    const { path, name = path } = accept(newFolder, request.body ?? {}, 'the folder')
    const folder = await insideRoot(context.indexRoot, path)
    const run = new IndexRun(context, context.embeddingModel, false)
    const running: Running = { run, path, error: null, reading: true }
    runs.set(run.batchId, running)
    for (const id of runs.keys()) if (runs.size > REMEMBERED) runs.delete(id)
    void read(running, folder, name === '' ? 'folder' : name, stop.signal)
    const url = `/folders/${run.batchId}`
    void reply.code(202).header('location', url)
    return { id: run.batchId, status_url: url, events_url: `/events?batch=${run.batchId}` }
  })

  app.get<{ Params: { id: string } }>('/folders/:id', ({ params }) => {
    const running = runs.get(params.id)
    if (running === undefined) throw new Problem(404, `there is no run ${params.id} that is remembered`)
    const { run, path, error, reading } = running
    return toWire({ id: params.id, path, reading, error, finished: run.isOver, ...run.counts() })
  })

  app.addHook('preClose', (done) => {
    stop.abort(new Error('the service is stopping'))
    done()
  })
}

async function read(running: Running, path: string, name: string, signal: AbortSignal): Promise<void> {
  try {
    await running.run.submit([{ kind: 'folder', path }], name, signal)
  } catch (error) {
    running.error = error instanceof Error ? error.message : String(error)
  } finally {
    running.reading = false
  }
}

/** The real folder, which no link leads out of the root. */
async function insideRoot(root: string | undefined, path: string): Promise<string> {
  if (root === undefined) {
    throw new Problem(403, 'folders of this machine are not read: the service was started without INDEX_ROOT')
  }
  const top = await realpath(root)
  const folder = await realpath(join(top, path)).catch(() => undefined)
  if (folder === undefined) throw new Problem(404, `there is no folder ${path} below INDEX_ROOT`)
  if (folder === top || folder.startsWith(top.endsWith(sep) ? top : top + sep)) return folder
  throw new Problem(403, `${path} leads out of INDEX_ROOT`)
}
