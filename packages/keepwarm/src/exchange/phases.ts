/** What an attempt had come to when its time was over: "waited 3 ms, connected in 12 ms, sent in 1 ms, no headers for 500 ms". */
import type { CallTimings, ConnectionFacts } from '../call-facts.ts'
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

/** Which connection was lost, and what that says about why. */
export function lostText({ id, address, reused, age, idle, requestsServed }: ConnectionFacts): string {
  const to = address === undefined ? '' : ` to ${address}`
  if (!reused) return `it was the first request on connection ${id}${to}: does the service crash or restart?`
  const rest = idle < 1 ? '' : `, idle for ${duration(idle)}`
  const why =
    idle < LONG_REST
      ? 'does the service crash or restart?'
      : 'does the service, or a box on the way, close idle ones? Then a lower idleTimeout helps'
  return `request ${requestsServed} on connection ${id}${to}, open for ${duration(age)}${rest}: ${why}`
}

/** Servers keep idle connections for longer than this. */
const LONG_REST = 1_000

export function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${Number((ms / 1_000).toFixed(1))} s`
}
