/** Page after page, each a call of its own, and none before somebody asks for it. */
import type { Exchange } from '../../exchange/exchange.ts'
import { headerText, type ResponseHeaders } from '../collect.ts'
import { stoppable } from '../stoppable.ts'
import { nextLink } from './link-header.ts'
import { about, nextStep, type Step } from './next-page.ts'
import { checkPageOptions, type Page, type PageOptions } from './page-options.ts'

/** The call for the first page. */
export interface PageCall<T> {
  /** For messages: `GET http://orders/open`. */
  readonly what: string
  readonly first: Step
  /** By which names the client knows where its paths lead. */
  readonly origins: readonly string[]
  /** Sends a request for a page. */
  open(step: Step): Promise<OpenPage<T>>
}

export interface OpenPage<T> {
  readonly body: T
  readonly status: number
  readonly headers: ResponseHeaders
  readonly exchange: Exchange
}

export function pagesOf<T>(call: PageCall<T>, options: PageOptions<T> | undefined): AsyncGenerator<T> {
  return stoppable(async function* (stopped) {
    checkPageOptions(options)
    yield* new Pages(call, options ?? {}, stopped).run()
  })
}

class Pages<T> {
  private readonly call: PageCall<T>
  private readonly next: NonNullable<PageOptions<T>['next']>
  private readonly maxPages: number
  private readonly stopped: AbortSignal
  private readonly signal: AbortSignal
  /** Pages that were asked for by their URL alone. */
  private readonly seen = new Set<string>()

  constructor(call: PageCall<T>, { next, maxPages = 1_000 }: PageOptions<T>, stopped: AbortSignal) {
    const { signal } = call.first.options
    this.call = call
    this.next = next ?? (({ headers }) => nextLink(headerText(headers, 'link')))
    this.maxPages = maxPages
    this.stopped = stopped
    this.signal = signal === undefined ? stopped : AbortSignal.any([signal, stopped])
  }

  async *run(): AsyncGenerator<T> {
    let step: Step | undefined = this.call.first
    for (let number = 1; step !== undefined; number++) {
      this.check(number)
      const open = await this.open(step)
      if (open === undefined) return
      yield open.body
      step = await this.after(open, number, step)
    }
  }

  /** Undefined when nobody wants it any more. */
  private async open({ path, options }: Step): Promise<OpenPage<T> | undefined> {
    try {
      return await this.call.open({ path, options: { ...options, signal: this.signal } })
    } catch (error) {
      if (this.stopped.aborted) return undefined
      throw error
    }
  }

  private async after(open: OpenPage<T>, number: number, step: Step): Promise<Step | undefined> {
    const { body, status, headers, exchange } = open
    const page: Page<T> = { body, status, headers, number }
    const url = new URL(exchange.options.path, String(exchange.options.origin))
    const { what, origins } = this.call
    const next = nextStep(await this.next(page), { url, options: step.options, what, origins })
    if (next !== undefined && next.options.json === undefined) this.checkNew(url, next)
    return next
  }

  private checkNew(url: URL, next: Step): void {
    this.seen.add(url.href)
    if (!this.seen.has(next.path)) return
    const message = `the pages of ${this.call.what} go round: the next one was read already`
    throw about('decode', message)
  }

  private check(number: number): void {
    if (number <= this.maxPages) return
    throw about('body_too_large', `${this.call.what} has more than ${this.maxPages} pages (maxPages)`)
  }
}
