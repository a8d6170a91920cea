/** What a breaker can be held at by hand. */
export type Forced = 'open' | 'closed'

/** Holds a breaker open or closed until it is disposed of; `using` does that by itself. */
export class ForceHandle implements Disposable {
  readonly to: Forced
  private readonly forcing: Forcing
  private held = true

  /** @internal */
  constructor(forcing: Forcing, to: Forced) {
    this.forcing = forcing
    this.to = to
  }

  /** Lets go. The breaker follows its own mind again when the last handle is disposed of; a second time does nothing. */
  dispose(): void {
    if (!this.held) return
    this.held = false
    this.forcing.letGo(this.to)
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}

/** The hands on a breaker. Several may hold it, each with a handle of its own; open wins over closed. */
export class Forcing {
  private heldOpen = 0
  private heldClosed = 0

  take(to: Forced): ForceHandle {
    if (to === 'open') this.heldOpen++
    else this.heldClosed++
    return new ForceHandle(this, to)
  }

  /** @internal For the handle, once. */
  letGo(to: Forced): void {
    if (to === 'open') this.heldOpen--
    else this.heldClosed--
  }

  get to(): Forced | undefined {
    if (this.heldOpen > 0) return 'open'
    return this.heldClosed > 0 ? 'closed' : undefined
  }
}
