/** Every fault that `npm run mutate` puts into the pool's core, one at a time. */
import { addresses } from './addresses.ts'
import { ageAndRest } from './age-and-rest.ts'
import { dialing } from './dialing.ts'
import { doubt } from './doubt.ts'
import { ending } from './ending.ts'
import { givingBack } from './giving-back.ts'
import { lanes } from './lanes.ts'
import { minimum } from './minimum.ts'
import type { Mutation } from './mutation.ts'
import { places } from './places.ts'
import { sharing } from './sharing.ts'
import { sizing } from './sizing.ts'
import { successors } from './successors.ts'
import { waiting } from './waiting.ts'

export const mutations: readonly Mutation[] = [
  ...places,
  ...ageAndRest,
  ...waiting,
  ...dialing,
  ...sharing,
  ...ending,
  ...lanes,
  ...successors,
  ...minimum,
  ...doubt,
  ...givingBack,
  ...addresses,
  ...sizing,
]
