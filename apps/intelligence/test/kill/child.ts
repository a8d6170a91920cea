/** The service with as little around it as can be, so that it starts soon: it will be killed at any moment. */
import { join } from 'node:path'
import { closeApp, makeApp } from '../../src/assembly/http.ts'
import { makeWorker } from '../../src/assembly/indexing.ts'
import { createServiceClients } from '../../src/clients/index.ts'
import { readSettings } from '../../src/config/settings.ts'
import { IndexFeed } from '../../src/indexing/feed.ts'
import type { ServiceContext } from '../../src/routes/context.ts'
import { deadLetterRoutes } from '../../src/routes/dead-letters.ts'
import { documentRoutes } from '../../src/routes/documents.ts'
import { vectorizeRoutes } from '../../src/routes/vectorize.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'

const [folder = '', upstream = ''] = process.argv.slice(2)
const settings = readSettings({})
const store = openSqliteStore(join(folder, 'intelligence.db'))
const urls = { ollama: upstream, langextract: upstream, bridge: upstream, coordinator: upstream }
const clients = createServiceClients({ urls, env: {} })
const app = makeApp(settings)
let url = ''
const token = 'a token of this process'
const options = { settings, worker: { backoff: { base: 10, cap: 50 } } }
const worker = makeWorker(options, { store, clients, log: app.log, token, ownUrl: () => url })
const context: ServiceContext = {
  ...{ store, clients, worker, token, feed: new IndexFeed() },
  ...{ upstreams: [], startedAt: Date.now(), stopping: false },
  ...{ embeddingModel: settings.embeddingModel, indexRoot: undefined, guarded: false },
}
for (const routes of [documentRoutes, deadLetterRoutes, vectorizeRoutes]) routes(app, context)
url = await app.listen({ port: 0, host: '127.0.0.1' })
worker.start()
process.once('SIGTERM', () => {
  void worker
    .stop()
    .then(() => closeApp(app))
    .then(() => clients.close())
    .then(() => store.close())
})
process.stdout.write(`${url}\n`)
