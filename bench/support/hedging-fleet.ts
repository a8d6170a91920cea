/** The fleet of the library's own tests. */
export { heavyTail, heavyTailMean, simulateFleet } from 'keepwarm/testing'
export type { FleetSettings } from 'keepwarm/testing'
