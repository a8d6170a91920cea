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

const { which, options } = workerData as Assignment
const upstreams = await startUpstreams(which, options)
port.on('message', (name: UpstreamName) => {
  upstreams
    .get(name)
    .close()
    .then(
      () => say({ closed: name, problem: undefined }),
      (problem: unknown) => say({ closed: name, problem }),
    )
})
say({ urls: new Map(which.map((name) => [name, upstreams.get(name).url])) })
