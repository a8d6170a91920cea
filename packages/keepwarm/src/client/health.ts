import type { HttpResponse } from './response.ts'

/** What a health check found, in the original system's words. */
export interface Health {
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

/** Services answer 200 and say in the body that they are not well: both have to be read. */
export async function readHealth(response: HttpResponse): Promise<{ healthy: boolean; status?: string }> {
  const text = await response.text()
  const status = selfReported(text)
  const healthy = response.ok && status !== 'unhealthy'
  return status === undefined ? { healthy } : { healthy, status }
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
