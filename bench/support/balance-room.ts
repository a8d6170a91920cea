/** What the benchmark takes from the library. */
export { Balancer } from '../../packages/keepwarm/src/balance/balancer.ts'
export { Ejection, OutlierRecord } from '../../packages/keepwarm/src/balance/ejection.ts'
export { resolveEjection } from '../../packages/keepwarm/src/balance/options.ts'
export type { Endpoint } from '../../packages/keepwarm/src/balance/endpoint.ts'
