/**
 * What is left until a deadline, in ms, 0 when it is over; Infinity when there is none.
 *
 * @param margin what is kept back for the way home and for telling the caller. Default 0.
 * @example remaining(deadline, now, 5)
 */
export function remaining(deadline: number | undefined, now: number, margin: number = 0): number {
  return deadline === undefined ? Infinity : Math.max(0, deadline - now - margin)
}

/** The shortest time that an attempt may have: `least` ms, and no less than half of the origin's answers need. */
export interface TooShort {
  /** In ms. Default 0: any time at all will do. */
  readonly least?: number
  /** The origin's median latency in ms, where it is known. */
  readonly typical?: number | undefined
}

/**
 * Whether so little is left that an attempt is not worth starting: it would most likely be work for somebody who has
 * gone. With no time left it always is; without a deadline it never is.
 *
 * @example isTooShort(remaining(deadline, now), { least: 5, typical: policy.typical })
 */
export function isTooShort(left: number, { least = 0, typical = 0 }: TooShort): boolean {
  return left <= 0 || left < Math.max(least, typical)
}
