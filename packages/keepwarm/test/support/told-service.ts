/** A server whose answers take as long as it is told, or are what it is told. */
import type http from 'node:http'

export class ToldService {
  delay = 3
  status: (number: number) => number = () => 200
  size = 2
  headers: http.OutgoingHttpHeaders = {}
  private requests = 0

  readonly listen = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    request.resume()
    const number = ++this.requests
    setTimeout(() => {
      response.writeHead(this.status(number), this.headers).end(Buffer.alloc(this.size))
    }, this.delay)
  }
}
