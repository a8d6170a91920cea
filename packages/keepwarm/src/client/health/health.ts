import { findingOf, type CheckFinding } from '../../health/checks.ts'
import type { HttpResponse } from '../response.ts'

/** What a health check found at one endpoint, in the original system's words. */
export interface EndpointHealth {
  readonly healthy: boolean
  /** Absent when there was no answer. */
  readonly status_code?: number
  readonly response_time_ms: number
  /** ISO 8601. */
  readonly last_check: string
  /** What the service says of itself, where it answers with `{ "status": … }`. */
  readonly status?: string
  readonly error?: string
}

/** What a health check found. Of several endpoints one that is well speaks for the service, or else the first. */
export interface Health extends EndpointHealth {
  /** By origin; only where there are several. */
  readonly endpoints?: Readonly<Record<string, EndpointHealth>>
}

/** What an endpoint answered. */
export interface HealthAnswer {
  readonly finding: CheckFinding
  readonly status: string | undefined
}

/** Services answer 200 and say in the body that they are not well: both have to be read. */
export async function readHealth(response: HttpResponse): Promise<HealthAnswer> {
  const status = selfReported(await response.text())
  return { finding: findingOf(response.status, status), status }
}

function selfReported(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text)
    const status =
      typeof body === 'object' && body !== null ? (body as { status?: unknown }).status : undefined
    return typeof status === 'string' ? status : undefined
  } catch {
    return undefined
  }
}
