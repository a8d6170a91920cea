/** One who watches a dashboard, from another process than the service's. */
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'

export class DashboardWatch {
  ticks = 0
  bytes = 0
  private readonly response: IncomingMessage

  private constructor(response: IncomingMessage) {
    this.response = response
    response.on('error', () => {})
    response.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length
      this.ticks += chunk.toString('latin1').split('event: tick').length - 1
    })
  }

  static async begin(url: string): Promise<DashboardWatch> {
    const request = get(`${url}events`, { agent: false })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    request.on('error', () => {})
    return new DashboardWatch(response)
  }

  end(): void {
    this.response.destroy()
  }
}
