/** The upstream services and the clients that speak to them. */
import { join } from 'node:path'
import { createServiceClients, type ServiceClients } from '../clients/index.ts'
import { shownUrl } from '../config/problems.ts'
import type { Settings } from '../config/settings.ts'
import type { UpstreamFacts } from '../routes/context.ts'
import { tellTrace } from '../trace/current.ts'
import { startUpstreamsInThreads } from '../upstreams/in-thread.ts'
import { startUpstreams, upstreamNames, type Upstreams, type UpstreamsOptions } from '../upstreams/index.ts'

export interface StandInOptions {
  readonly settings: Settings
  /** What the embedded stand-ins are told. */
  readonly upstreams?: UpstreamsOptions
  /** Where they run: in a thread of their own, or on the event loop of the service. Default `inline`. */
  readonly standIns?: 'thread' | 'inline'
}

/** A stand-in for each upstream that has no URL. @param folder where they keep what outlives the process */
export function startStandIns(options: StandInOptions, folder: string): Promise<Upstreams> {
  const { settings, upstreams = {}, standIns = 'inline' } = options
  const start = standIns === 'thread' ? startUpstreamsInThreads : startUpstreams
  const missing = upstreamNames.filter((name) => settings.urls[name] === undefined)
  // What the freshness database knows outlives the process as the documents do.
  const bridge = { file: join(folder, 'freshness.db'), ...upstreams.bridge }
  // A stand-in embeds by whatever name the model is asked for.
  const models = [
    { name: settings.embeddingModel, dimensions: 768 },
    { name: settings.generationModel, generates: true },
  ]
  return start(missing, { ...upstreams, bridge, ollama: { models, ...upstreams.ollama } })
}

/** The five clients; whatever is asked on behalf of a request tells whose it is. */
export function makeClients(settings: Settings, standIns: Upstreams): ServiceClients {
  const { urls, embeddingModel, generationModel, searchUrl, env } = settings
  const at = (name: keyof Settings['urls']): string => urls[name] ?? standIns.get(name).url
  const told = { hooks: tellTrace }
  return createServiceClients({
    env,
    urls: {
      ollama: at('ollama'),
      langextract: at('langextract'),
      bridge: at('bridge'),
      coordinator: at('coordinator'),
    },
    extractor: {
      ...told,
      embeddingModel,
      generationModel,
      embeddingApi: settings.embeddingApi,
      // Kept idle as many as may be busy: with fewer, several documents at once close what the next moment opens again.
      defaults: { maxIdleConnections: 20 },
    },
    langextract: told,
    freshness: told,
    coordinator: told,
    shared: { client: { ...told, ...(searchUrl === undefined ? {} : { baseUrl: searchUrl }) } },
  })
}

export function upstreamFacts({ urls }: Settings, standIns: Upstreams): UpstreamFacts[] {
  return upstreamNames.map((name) => {
    const standIn = urls[name] === undefined ? standIns.get(name) : undefined
    return { name, url: shownUrl(urls[name] ?? standIns.get(name).url), standIn }
  })
}
