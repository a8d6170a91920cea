/** What the benchmark takes from the library. */
export { Balancer, Ejection, OutlierRecord, resolveEjection } from 'keepwarm/policies'
export type { Endpoint } from 'keepwarm/policies'
