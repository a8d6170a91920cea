/** A process or thread that calls a service so and so often, and reports to whoever started it. */
import { parentPort, workerData } from 'node:worker_threads'
import { HttpClient } from 'keepwarm'
import { reportToDashboard } from '../../src/index.ts'

const [origin = '', calls = '0', name = 'worker'] = (workerData as string[] | null) ?? process.argv.slice(2)
const client = new HttpClient({ name: 'search', baseUrl: origin })
for (let i = 0; i < Number(calls); i++) await client.get('/').text()
reportToDashboard(client, { name })
const done = { app: 'done', calls: Number(calls) }
if (parentPort === null) process.send?.(done)
else parentPort.postMessage(done)
// One that is told to stay lives until its channel ends; the others have nothing left to do.
if (name.startsWith('stay')) {
  setInterval(() => {}, 60_000)
  process.on('disconnect', () => process.exit(0))
}
