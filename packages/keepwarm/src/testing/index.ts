/** For the tests of those who use keepwarm: time that stands still, servers that do as they are told. */
export { ManualRuntime } from './manual-runtime.ts'
export { SimulatedNetwork } from './network.ts'
export { SimulatedServer } from './network-server.ts'
export type { OpenAt } from './network-server.ts'
export type {
  Abandoned,
  Answer,
  ArrivedRequest,
  Closing,
  Dialing,
  ServerBehaviour,
} from './network-behaviour.ts'
export { mockService } from './mock-service.ts'
export type { MockCall, MockHandlers, ServiceMock } from './mock-service.ts'
export { faultServer, FaultServer } from './fault-server.ts'
export type { FaultRequest } from './fault-server.ts'
export type { FaultServerOptions } from './fault-options.ts'
export { faults } from './fault-answer.ts'
export type { Fault, FaultAnswer, FaultRule } from './fault-answer.ts'
export type { Script } from './fault-script.ts'
export { RecordedTraffic, recordedTraffic } from './traffic.ts'
export type { TrafficOptions } from './traffic-options.ts'
export type { TrafficMatch } from './traffic-match.ts'
export type {
  RecordedBody,
  RecordedExchange,
  RecordedRequest,
  RecordedResponse,
  Unrecorded,
} from './traffic-file.ts'
export {
  assertFailsWith,
  assertNoLeaks,
  assertOpenBreaker,
  assertOpenedAtMost,
  assertRetried,
} from './assertions.ts'
export { keepwarmMatchers } from './matchers.ts'
export type { KeepwarmMatchers, Matched } from './matchers.ts'
export type { FailureFacts, SeenClient, SeenPool } from './judgements.ts'
export { simulate } from './simulate.ts'
export type { Arrivals, Callers } from './crowd.ts'
export type { Incident, Simulation, Traffic } from './simulate.ts'
export type { ServerReport, SimulationReport, Spread } from './simulation-report.ts'
export { whatIf } from './what-if.ts'
export { whatIfText } from './what-if-text.ts'
export { bimodal, exponential, lognormal } from './what-if-service.ts'
export type { ServiceTime } from './what-if-service.ts'
export type { Upstream, WhatIf, WhatIfEvent } from './what-if-scenario.ts'
export type { EventReport, Seconds, Stretch, WhatIfReport } from './what-if-report.ts'
export { heavyTail, heavyTailMean, simulateFleet, stragglers } from './fleet.ts'
export type { FleetResult, FleetSettings } from './fleet.ts'
export { limitWorkloads, QueueingServer, runQueueing } from './queueing-server.ts'
export type {
  LimitWorkloadName,
  QueueingPhase,
  QueueingResult,
  QueueingServerOptions,
  QueueingWorkload,
  Visitor,
} from './queueing-server.ts'
