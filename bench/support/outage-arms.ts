/** The clients that meet the outage, and the outage. */
import { exponential, type WhatIf } from 'keepwarm/testing'

export interface OutageArm {
  readonly name: string
  /** Undefined: as many as are asked for. */
  readonly clients?: number
  readonly client: NonNullable<WhatIf['client']>
}

/** The one that is put to the test. */
export const defaultName = 'budget and breaker (default)'

/** A budget that never says no. */
const endless = { start: 1e9, cap: 1e9 }

export const arms: readonly OutageArm[] = [
  { name: 'no retry', client: { retry: false, breaker: false } },
  { name: '3 tries only', client: { budget: endless, breaker: false } },
  { name: 'budget only', client: { breaker: false } },
  { name: 'breaker only', client: { budget: endless } },
  { name: defaultName, client: {} },
  { name: 'default, 1 client', clients: 1, client: {} },
  { name: 'default, no ramp', client: { breaker: { rampFor: 0 } } },
  {
    name: 'default, budget of 3, ramp of 3 s',
    client: { budget: { start: 3, cap: 3 }, breaker: { rampFor: 3_000 } },
  },
]

export interface OutageShape {
  readonly clients: number
  /** How long it lasts, and how long it is watched afterwards, in ms. */
  readonly hangs: number
  readonly watched: number
}

/** Before it begins, in ms. */
export const before = 20_000

/** 30 slots of 100 ms on average can do 300 requests a second. */
export function outage(arm: OutageArm, perSecond: number, seed: number, shape: OutageShape): WhatIf {
  return {
    client: { attemptTimeout: 1_000, retry: { attempts: 3 }, ...arm.client },
    clients: arm.clients ?? shape.clients,
    upstream: { slots: 30, service: exponential(100) },
    load: { perSecond },
    duration: before + shape.hangs + shape.watched,
    events: [{ kind: 'hang', at: before, for: shape.hangs }],
    seed,
  }
}
