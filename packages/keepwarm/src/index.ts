export { ConfigError, HttpStatusError, KeepwarmError } from './errors.ts'
export { errorCodes } from './error-codes.ts'
export type { ErrorCodeRow } from './error-codes.ts'
export { findKeepwarmError, isKeepwarmError } from './is-keepwarm-error.ts'
export type { ErrorOf } from './is-keepwarm-error.ts'
export type {
  AttemptRecord,
  ConfigProblem,
  ErrorCode,
  ErrorFacts,
  ErrorJson,
  KeepwarmErrorJson,
  Phase,
  Sent,
} from './errors.ts'
export type { ConfigReason } from './config-problem.ts'
export type { CallTimings, ConnectionFacts, ConnectTimings } from './call-facts.ts'
export type {
  AfterCall,
  AfterResponse,
  BeforeRequest,
  EndedCall,
  HookFacts,
  Hooks,
  RequestToSend,
  ResponseHead,
} from './exchange/hooks.ts'
export type { RequestHeaders } from './exchange/request-headers.ts'
export { HttpClient } from './client/http-client.ts'
export { Call } from './client/call.ts'
export { HttpResponse } from './client/response.ts'
export type {
  CallOptions,
  HeaderInit,
  HttpClientOptions,
  RequestBody,
  Resilience,
  TimeoutOptions,
} from './client/options.ts'
export type { EndpointHealth, Health } from './client/health/health.ts'
export type { HealthReport, OriginHealth } from './client/health/report.ts'
export type { LastCheck } from './client/health/background.ts'
export type { HealthStatus } from './health/verdict.ts'
export type { Query, QueryValue } from './client/query.ts'
export type { BodyPart } from './client/body/bytes.ts'
export type { BodySource } from './client/body/parts.ts'
export type { OnProgress, Progress } from './client/progress.ts'
export type { EventOptions } from './client/events/event-options.ts'
export type { ServerSentEvent } from './client/events/event-parser.ts'
export type { NextPage, Page, PageOptions } from './client/pages/page-options.ts'
export type { DecodeOptions } from './client/decode/reading.ts'
export type { Problem } from './problem.ts'
export type { StandardSchema } from './client/standard-schema.ts'
export { defineService, Service } from './service/service.ts'
export type { ServiceClient, ServiceDefinition, ServiceFrame } from './service/service.ts'
export type {
  Operation,
  OperationInput,
  OperationMethod,
  OperationResult,
  Operations,
  Returns,
  ServiceMethods,
} from './service/operation.ts'
export type { ParameterValue, PathParameters } from './service/path.ts'
export type { CookieJar } from './client/cookies.ts'
export type { OperationMetrics } from './observe/operations.ts'
export { subscribeEvents } from './observe/channels.ts'
export type { EventListeners } from './observe/channels.ts'
export type {
  AttemptEnd,
  AttemptStart,
  AttemptTimings,
  BreakerEvent,
  CallEnd,
  CallStart,
  EventName,
  Events,
  RetryEvent,
} from './observe/events.ts'
export type {
  ConnectionClose,
  ConnectionOpen,
  DialEnd,
  DialStart,
  LeakEvent,
  LimitEvent,
  RaceEvent,
  WaitEnd,
  WaitStart,
} from './observe/pool-events.ts'
export { resilience } from './client/interceptor.ts'
export type { GuardedPaths, ResilienceOptions } from './client/interceptor.ts'
export { ConnectionPool } from './pool/pool.ts'
export type { ConnectionPoolOptions, LimitOptions } from './pool/options.ts'
export type { CloseOptions } from './pool/arguments.ts'
export type { TlsOptions } from './pool/dial.ts'
export type { EgressOptions } from './egress/options.ts'
export type { AdaptiveOptions } from './pool/sizing-options.ts'
export { ProxyError } from './pool/proxy-error.ts'
export type { ProxyOption } from './pool/proxy-route.ts'
export type { ProxyOptions } from './pool/proxy.ts'
export type { EndpointGroup, EndpointGroupLimits, EndpointGroups } from './pool/groups.ts'
export type { Priority } from './pool/lanes.ts'
export type {
  BlockedBy,
  GroupSnapshot,
  HolderSnapshot,
  LineSnapshot,
  OriginHistory,
  OriginSnapshot,
  PoolCounters,
  PoolHistograms,
  PoolLimitsSnapshot,
  PoolSnapshot,
  PoolSnapshotOptions,
} from './observe/pool-snapshot.ts'
export type { ConnectionSnapshot } from './pool/connections.ts'
export type { CloseReason, DialReason, QueueDiscipline, Refusal } from './pool/limits.ts'
export type { ClientMetrics } from './observe/client-metrics.ts'
export type { Buckets } from './observe/buckets.ts'
export type { HistorySlice } from './observe/history.ts'
export type { SeriesName } from './observe/series.ts'
export type { MetricsOptions } from './client/metrics-options.ts'
export type {
  ClientSnapshot,
  GuardSnapshot,
  HistogramSnapshot,
  PhaseTotals,
  RecentEvent,
} from './observe/snapshot.ts'
export type { ObservedPool, ProcessFacts, ProcessSnapshot } from './observe/process-snapshot.ts'
export { observe } from './observe/observe.ts'
export type {
  ClientsByName,
  ObservableClient,
  ObservablePool,
  Observed,
  ObservedClients,
  ObserveOptions,
} from './observe/observe.ts'
export { diagnose } from './observe/diagnosis/diagnose.ts'
export { diagnosisText } from './observe/diagnosis/diagnosis-text.ts'
export type { Evidence, Suggestion, Verdict, VerdictKind, VerdictLevel } from './observe/diagnosis/verdict.ts'
export type { Logger } from './observe/logging/logger.ts'
export { prometheusFormat, prometheusText } from './observe/prometheus/prometheus-text.ts'
export type { MetricsSource, PrometheusOptions } from './observe/prometheus/prometheus-text.ts'
export type { PrometheusFormat } from './observe/prometheus/page.ts'
export { registerPrometheus } from './observe/prometheus/register.ts'
export type { PrometheusRegistry } from './observe/prometheus/register.ts'
export type { RetryOptions } from './retry/options.ts'
export type { BudgetOptions } from './retry/budget.ts'
export type { BreakerOptions } from './breaker/options.ts'
export type { BreakerSnapshot } from './breaker/snapshot.ts'
export type { SavedBreaker } from './breaker/saved.ts'
export type { ClientBreakers, SavedBreakers } from './client/breakers.ts'
export type { AfterQuantile, HedgeOptions } from './hedge/options.ts'
export type { BalanceOptions, EjectionOptions } from './balance/options.ts'
export type { LimiterOptions } from './limit/options.ts'
export type { CheckOptions, VerdictOptions } from './health/options.ts'
export { ambientDeadline, withDeadline, withoutDeadline } from './deadline/ambient.ts'
export type { Moment } from './deadline/ambient.ts'
export { readDeadline, writeDeadline } from './deadline/header.ts'
export type { DeadlineHeader, ReadDeadline, UnreadableDeadline } from './deadline/header.ts'
export type { Runtime, Timer } from './runtime.ts'
export { createDefaultClient, HTTPClientConfig } from './client/config.ts'
export { createClients } from './client/named/clients.ts'
export type { Clients, ClientSet } from './client/named/clients.ts'
export type {
  ClientDefinition,
  ClientDefinitions,
  CommonOptions,
  PoolChoice,
} from './client/named/definitions.ts'
export type { ClientsFile } from './client/named/file.ts'
export type { ClientChanges } from './client/changes.ts'
export type { ConfigOverrides, Environment } from './config/given.ts'
export type { ConfigEntry } from './config/entries.ts'
export type { ClientSettings } from './config/client-settings.ts'
export type { Surrounding } from './config/surroundings.ts'
