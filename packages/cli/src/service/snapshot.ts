/** What a service says of itself, judged before it is believed. */
import type { ProcessSnapshot } from 'keepwarm'

export function isSnapshot(value: unknown): value is ProcessSnapshot {
  return (
    isRecord(value) &&
    value['version'] === 1 &&
    typeof value['at'] === 'number' &&
    isRecord(value['process']) &&
    Array.isArray(value['clients']) &&
    Array.isArray(value['pools'])
  )
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
