/** Dials for which it must first be found out which address has room: where connections to one are limited. */
import { errors } from 'undici'
import type { Runtime } from '../runtime.ts'
import type { PoolCore } from './core.ts'
import type { DialTarget } from './dial.ts'
import type { DialResult } from './dial-under-way.ts'
import type { Slot } from './entities.ts'
import type { Network } from './network.ts'

export interface PlacedResult extends DialResult<unknown> {
  /** No address has room: the dial did not begin. */
  postponed(): void
}

export class Placing {
  private readonly core: PoolCore
  private readonly network: Network
  private readonly runtime: Runtime

  constructor(core: PoolCore, network: Network, runtime: Runtime) {
    this.core = core
    this.network = network
    this.runtime = runtime
  }

  /** Begins a dial, which may take `within` ms with the look-up, and returns what cancels it. */
  dial(slot: Slot, target: DialTarget, within: number, result: PlacedResult): () => void {
    if (this.core.limits.maxConnectionsPerAddress === Infinity)
      return this.network.dial(target, within, result)
    if (slot.address !== null)
      return this.network.dial({ ...target, address: slot.address.ip }, within, result)
    const addresses = this.network.lookup?.(target)
    if (addresses === undefined) return this.network.dial(target, within, result)
    return this.find(slot, target, within, addresses, result)
  }

  private find(
    slot: Slot,
    target: DialTarget,
    within: number,
    addresses: Promise<readonly string[]>,
    result: PlacedResult,
  ): () => void {
    const begun = this.runtime.now()
    let over = false
    const end = (error: Error): void => {
      if (over) return
      over = true
      timer.cancel()
      queueMicrotask(() => result.failed(error))
    }
    let cancel = (): void => end(new errors.RequestAbortedError('dial called off'))
    const late = `the look-up of ${target.url.hostname} took longer than ${within} ms`
    const timer = this.runtime.after(within, () => end(new errors.ConnectTimeoutError(late)))
    addresses.then((ips) => {
      if (over) return
      over = true
      timer.cancel()
      const address = this.core.place(slot, ips, this.runtime.now())
      if (address === undefined) return result.postponed()
      const left = Math.max(1, within - (this.runtime.now() - begun))
      cancel = this.network.dial({ ...target, address }, left, result)
    }, end)
    return () => cancel()
  }
}
