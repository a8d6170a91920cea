/** The embedded stand-ins: any of the four upstream services, started together and closed together. */
import { startBridge, type BridgeOptions } from './bridge.ts'
import { startCoordinator, type CoordinatorOptions } from './coordinator.ts'
import { startLangextract, type LangextractOptions } from './langextract.ts'
import { startOllama, type OllamaOptions } from './ollama.ts'
import type { Upstream } from './upstream.ts'

export type { Upstream, UpstreamOptions } from './upstream.ts'
export { startBridge, startCoordinator, startLangextract, startOllama }
export type { BridgeOptions, CoordinatorOptions, LangextractOptions, OllamaOptions }

export interface UpstreamsOptions {
  readonly ollama?: OllamaOptions
  readonly langextract?: LangextractOptions
  readonly bridge?: BridgeOptions
  readonly coordinator?: CoordinatorOptions
}

export type UpstreamName = keyof UpstreamsOptions

/** All of them, in the order in which they start. */
export const upstreamNames: readonly UpstreamName[] = ['ollama', 'langextract', 'bridge', 'coordinator']

const starters: {
  readonly [Name in UpstreamName]: (options: UpstreamsOptions) => Promise<Upstream>
} = {
  ollama: (options) => startOllama(options.ollama),
  langextract: (options) => startLangextract(options.langextract),
  bridge: (options) => startBridge(options.bridge),
  coordinator: (options) => startCoordinator(options.coordinator),
}

/** The stand-ins that were started. */
export interface Upstreams {
  /** In the order of their start. */
  readonly all: readonly Upstream[]
  /** Throws when it was not started. */
  get(name: UpstreamName): Upstream
  /** Closes the last started first; one that fails does not keep the others open. Rejects with all that failed. */
  close(): Promise<void>
}

/**
 * Starts the named stand-ins, one after the other. When one cannot start, those before it are closed again and the
 * promise rejects.
 *
 * @example
 * const upstreams = await startUpstreams(['ollama', 'bridge'], { bridge: { file: 'freshness.db' } })
 * upstreams.get('ollama').url
 * await upstreams.close()
 */
export async function startUpstreams(
  which: readonly UpstreamName[] = upstreamNames,
  options: UpstreamsOptions = {},
): Promise<Upstreams> {
  const started = new Map<UpstreamName, Upstream>()
  for (const name of new Set(which)) {
    try {
      started.set(name, await starters[name](options))
    } catch (error) {
      await closeAll([...started.values()])
      throw new Error(`the stand-in for ${name} could not start: ${String(error)}`, { cause: error })
    }
  }
  return gather(started)
}

/** @param end what else closing takes; it is given the closing of all, to wait for. Default: nothing */
export function gather(
  started: ReadonlyMap<UpstreamName, Upstream>,
  end: (closing: Promise<void>) => Promise<void> = (closing) => closing,
): Upstreams {
  const all = [...started.values()]
  let closed: Promise<void> | undefined
  return {
    all,
    get: (name) => {
      const upstream = started.get(name)
      if (upstream === undefined)
        throw new Error(`${name} was not started; running: ${[...started.keys()].join(', ')}`)
      return upstream
    },
    close: () => (closed ??= end(closeAll(all))),
  }
}

/** Closes every one, the last first, and then says which of them failed. */
export async function closeAll(upstreams: readonly Upstream[]): Promise<void> {
  const failures: unknown[] = []
  for (const upstream of upstreams.toReversed()) {
    try {
      await upstream.close()
    } catch (error) {
      failures.push(new Error(`${upstream.name} did not close: ${String(error)}`, { cause: error }))
    }
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} of the stand-ins did not close`)
}
