/** Reads server-sent events as a browser does, and says what came. */
import { once } from 'node:events'
import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { HistorySlice } from 'keepwarm'

export interface StreamEvent {
  readonly event: string
  readonly id: string
  readonly data: unknown
}

export interface Tick {
  readonly view: string
  readonly processes: readonly {
    readonly id: string
    readonly pid: number
    readonly name: string
    readonly silent: boolean
  }[]
  readonly snapshot: {
    readonly clients: readonly { readonly name: string }[]
    readonly events: readonly { readonly kind: string; readonly text: string; readonly client: string }[]
    readonly process: { readonly pid: number }
  }
  readonly rows: readonly HistorySlice[]
}

export class EventStream {
  readonly response: IncomingMessage
  readonly events: StreamEvent[] = []
  comments = 0
  retry: number | undefined
  ended = false
  private rest = ''

  private constructor(response: IncomingMessage) {
    this.response = response
    response.setEncoding('utf8')
    response.on('data', (text: string) => this.take(text))
    response.on('close', () => (this.ended = true))
    response.on('error', () => {})
  }

  static async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<EventStream> {
    const request = get(url, { headers, agent: false })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    request.on('error', () => {})
    return new EventStream(response)
  }

  get status(): number | undefined {
    return this.response.statusCode
  }

  get headers(): IncomingHttpHeaders {
    return this.response.headers
  }

  of(event: string): StreamEvent[] {
    return this.events.filter((one) => one.event === event)
  }

  get ticks(): Tick[] {
    return this.of('tick').map(({ data }) => data as Tick)
  }

  /** The seconds that came for one client, in the order in which they came. */
  secondsOf(client: string): number[] {
    const slices = this.events.flatMap(({ event, data }) =>
      event === 'history' ? (data as HistorySlice[]) : (data as Tick).rows,
    )
    return slices.filter((slice) => slice.client === client).flatMap(({ series }) => series.ok as number[])
  }

  get lastId(): string {
    return this.events.at(-1)?.id ?? ''
  }

  close(): void {
    this.response.destroy()
  }

  private take(text: string): void {
    const parts = (this.rest + text).split('\n\n')
    this.rest = parts.pop() ?? ''
    for (const part of parts) this.read(part)
  }

  private read(part: string): void {
    const fields = new Map(part.split('\n').map((line) => splitOnce(line)))
    if (fields.has('')) this.comments++
    if (fields.has('retry')) this.retry = Number(fields.get('retry'))
    const data = fields.get('data')
    if (data === undefined) return
    this.events.push({
      event: fields.get('event') ?? 'message',
      id: fields.get('id') ?? '',
      data: JSON.parse(data),
    })
  }
}

function splitOnce(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).trim()]
}
