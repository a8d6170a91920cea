/** What a worker process and the process that started it say to each other. */
import type { ClientReport } from './report.ts'

/** `figures`: what its clients did so far; sent now and then, when asked, and at its end. */
export type FromWorker =
  | { readonly type: 'ready'; readonly name: string }
  | { readonly type: 'figures'; readonly clients: readonly ClientReport[] }

export type ToWorker = 'figures' | 'stop'

/** How long to wait before a worker that died is started again, in ms. @param deaths in a row, from 1 */
export function restartPause(deaths: number): number {
  return Math.min(30_000, 1_000 * 2 ** Math.min(deaths - 1, 10))
}
