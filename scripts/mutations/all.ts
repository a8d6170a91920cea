/** Every fault that `npm run mutate` puts into the pool's core, one at a time. */
import { ageAndRest } from './age-and-rest.ts'
import { dialing } from './dialing.ts'
import { ending } from './ending.ts'
import type { Mutation } from './mutation.ts'
import { places } from './places.ts'
import { sharing } from './sharing.ts'
import { waiting } from './waiting.ts'

export const mutations: readonly Mutation[] = [
  ...places,
  ...ageAndRest,
  ...waiting,
  ...dialing,
  ...sharing,
  ...ending,
]
