/** What an attempt had come to when its time was over: "waited 3 ms, connected in 12 ms, sent in 1 ms, no headers for 500 ms". */
import type { CallTimings } from '../call-facts.ts'
import type { Phase } from '../errors.ts'

/** @param phase in which it ended. */
export function phasesText(
  { before, queued, connect, send, headers, download }: CallTimings,
  phase: Phase,
): string {
  const parts: string[] = []
  if (before >= 1) parts.push(`${duration(before)} before this attempt`)
  const waited = duration(queued - (connect?.total ?? 0))
  parts.push(send === undefined ? `waited ${waited} for a connection` : `waited ${waited}`)
  if (connect !== undefined) parts.push(`connected in ${duration(connect.total)}`)
  if (send !== undefined)
    parts.push(phase === 'send' ? `sending for ${duration(send)}` : `sent in ${duration(send)}`)
  if (headers !== undefined)
    parts.push(
      phase === 'headers' ? `no headers for ${duration(headers)}` : `headers after ${duration(headers)}`,
    )
  if (download !== undefined) parts.push(`in the body for ${duration(download)}`)
  return parts.join(', ')
}

export function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${Number((ms / 1_000).toFixed(1))} s`
}
