/** The fleet of the library's own tests. */
export { heavyTail, heavyTailMean, simulateFleet } from '../../packages/keepwarm/src/hedge/fleet.ts'
export type { FleetResult, FleetSettings } from '../../packages/keepwarm/src/hedge/fleet.ts'
