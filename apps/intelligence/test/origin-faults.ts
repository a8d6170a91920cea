/**
 * What was wrong in the original system, one fault a row, and the tests that show that it cannot come back, or why it
 * has no place here. origin-faults.test.ts holds this list against the tests.
 */
import { configuration, resilience } from './origin/calls.ts'
import type { Fault } from './origin/fault.ts'
import { contracts, figures, freshnessFaults, lifecycle } from './origin/service.ts'

export type { Fault, Proof } from './origin/fault.ts'

export const faults: readonly Fault[] = [
  ...resilience,
  ...configuration,
  ...figures,
  ...lifecycle,
  ...contracts,
  ...freshnessFaults,
]
