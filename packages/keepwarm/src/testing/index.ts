/** For the tests of those who use keepwarm: time that stands still, servers that do as they are told. */
export { ManualRuntime } from './manual-runtime.ts'
export { SimulatedNetwork } from './network.ts'
export { SimulatedServer } from './network-server.ts'
export type { OpenAt } from './network-server.ts'
export type { Answer, ArrivedRequest, Closing, Dialing, ServerBehaviour } from './network-behaviour.ts'
export { simulate } from './simulate.ts'
export type { Arrivals, Callers, Incident, Simulation, Traffic } from './simulate.ts'
export type { ServerReport, SimulationReport, Spread } from './simulation-report.ts'
