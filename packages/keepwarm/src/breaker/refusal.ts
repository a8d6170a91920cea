/** Why a breaker does not let a call go. */
export type BreakerRefusal = 'open' | 'probes_busy' | 'ramp' | 'forced_open'

/** {@link BreakerRefusal} in words that end the sentence "not tried: …". */
export const breakerRefusalText: Readonly<Record<BreakerRefusal, string>> = {
  open: 'the breaker is open',
  probes_busy: 'the breaker is half-open, and its probes are under way',
  ramp: 'the breaker has just closed, and lets calls back in little by little',
  forced_open: 'the breaker is held open by hand',
}

/** How many calls were refused, by reason. */
export class RefusalCounts {
  private open = 0
  private probesBusy = 0
  private ramp = 0
  private forcedOpen = 0

  add(reason: BreakerRefusal): void {
    if (reason === 'open') this.open++
    else if (reason === 'probes_busy') this.probesBusy++
    else if (reason === 'ramp') this.ramp++
    else this.forcedOpen++
  }

  get total(): number {
    return this.open + this.probesBusy + this.ramp + this.forcedOpen
  }

  /** A copy, for those who read. */
  byReason(): Record<BreakerRefusal, number> {
    return {
      open: this.open,
      probes_busy: this.probesBusy,
      ramp: this.ramp,
      forced_open: this.forcedOpen,
    }
  }
}
