import type { Attributes } from '../metrics/readings.ts'
import { spelled } from './names.ts'

/** `{server_address="search",server_port="8055"}`, in a fixed order; empty without any. */
export function labelText(attributes: Attributes, more: Attributes = {}): string {
  const pairs = Object.entries({ ...attributes, ...more })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${spelled(name)}="${escaped(String(value))}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

/** The same as a record. */
export function labelRecord(attributes: Attributes, more: Attributes = {}): Record<string, string> {
  const all = Object.entries({ ...attributes, ...more }).filter(([, value]) => value !== undefined)
  return Object.fromEntries(all.map(([name, value]) => [spelled(name), String(value)]))
}

export function numberText(value: number): string {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
