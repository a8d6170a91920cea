/** The file that the stand-ins' thread runs: in-thread.ts starts it, and says with a name which one to close. */
import { parentPort, workerData } from 'node:worker_threads'
import { startUpstreams, type UpstreamName, type UpstreamsOptions } from './index.ts'

export interface Assignment {
  readonly which: readonly UpstreamName[]
  readonly options: UpstreamsOptions
}

/** What the thread says: once that all are there, and of each that it is closed. */
export type Answer =
  | { readonly urls: ReadonlyMap<UpstreamName, string> }
  | { readonly closed: UpstreamName; readonly problem: unknown }

if (parentPort === null) throw new Error('this file is for a worker thread; see upstreams/in-thread.ts')
const port = parentPort
const say = (answer: Answer): void => port.postMessage(answer)
const open = new Set<UpstreamName>()

/** With the last of them nothing is left to do, and the thread ends by itself. */
function sayClosed(name: UpstreamName, problem: unknown): void {
  say({ closed: name, problem })
  open.delete(name)
  if (open.size === 0) port.close()
}

const { which, options } = workerData as Assignment
const upstreams = await startUpstreams(which, options)
for (const name of which) open.add(name)
port.on('message', (name: UpstreamName) => {
  upstreams
    .get(name)
    .close()
    .then(
      () => sayClosed(name, undefined),
      (problem: unknown) => sayClosed(name, problem),
    )
})
say({ urls: new Map(which.map((name) => [name, upstreams.get(name).url])) })
