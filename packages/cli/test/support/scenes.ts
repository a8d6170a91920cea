/** The dashboard's incidents as a model of the view: what it knows after forty seconds of one. */
import type { WireTick } from '@keepwarm/dashboard/state'
import { FakeFeed } from '../../../dashboard/test/support/fake-feed.ts'
import { sceneOf } from '../../../dashboard/test/support/fake-scenes.ts'
import { firstModel, withMessage, type Choice, type Model } from '../../src/top/model.ts'

/** A unix second. */
const opened = 1_795_900_000

export const firstChoice: Choice = { sort: 'state', client: undefined, every: 1, view: '' }

export interface Played {
  readonly model: Model
  /** The model with the next second. @param change what is different in its tick */
  next(model: Model, change?: (tick: WireTick) => WireTick): Model
}

export function play(scene: string, choice: Partial<Choice> = {}): Played {
  const feed = new FakeFeed(sceneOf(scene), opened)
  let second = opened + 40
  const begun = withMessage(firstModel({ ...firstChoice, ...choice }), {
    kind: 'history',
    slices: feed.rows(second - 900, second),
  })
  const ticked = withMessage(begun, { kind: 'tick', tick: feed.tick(second, second) })
  return {
    model: { ...ticked, link: { ...ticked.link, phase: 'live', heardAt: 0 } },
    next: (model, change = (tick) => tick) => {
      second++
      return withMessage(model, { kind: 'tick', tick: change(feed.tick(second)) })
    },
  }
}

export const scenes: readonly string[] = [
  'healthy',
  'pool-exhausted',
  'body-leak',
  'stale-connections',
  'retry-storm',
  'breaker-flapping',
  'breaker-open',
  'dns-trouble',
  'churn',
  'loop-blocked',
  'crowd',
  'hostile',
]
