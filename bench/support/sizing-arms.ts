/** The pools that carry the day: of a fixed size, as connections are asked for, and as the need is measured. */
import type { ConnectionPoolOptions } from 'keepwarm'

export interface SizingArm {
  readonly name: string
  /** Connections that are kept; 0 where the number changes. */
  readonly fixed: number
  readonly options: ConnectionPoolOptions
}

/** The one that is put to the test; all others are compared with it. */
export const adaptiveName = 'adaptive'

/** How many connections the pools may have, by default. */
export const ceiling = 20

/**
 * @param speed how many times faster than usual the pools forget: in a short day, what they remember must be short, too.
 * How long a connection may rest or live at most stays as it is, and is longer than such a day.
 */
export class SizingArms {
  private readonly speed: number

  constructor(speed = 1) {
    this.speed = speed
  }

  fixed(size: number): SizingArm {
    const own = { maxConnectionsPerOrigin: size, maxIdleConnections: Math.max(size, ceiling) }
    return { name: `fixed, ${size}`, fixed: size, options: { ...this.times(), ...own } }
  }

  /** Dials when all are busy, closes what idles. `idle`: for how long it may, in seconds. */
  onDemand(idle: number): SizingArm {
    const idleTimeout = (idle * 1_000) / this.speed
    return { name: `on demand, idle for ${idle} s`, fixed: 0, options: { ...this.times(), idleTimeout } }
  }

  /** With the defaults; or with another headroom and a window in seconds. */
  adaptive(headroom?: number, window?: number): SizingArm {
    const name = headroom === undefined ? adaptiveName : `adaptive, ${headroom} × the peak of ${window} s`
    const isDefault = headroom === undefined && this.speed === 1
    const adaptive = isDefault || {
      headroom: headroom ?? 1.25,
      window: ((window ?? 60) * 1_000) / this.speed,
    }
    return { name, fixed: 0, options: { ...this.times(), adaptive } }
  }

  private times(): ConnectionPoolOptions {
    return this.speed === 1 ? {} : { idleTimeout: 15_000 / this.speed, maxIdleTimeout: 60_000 }
  }
}
