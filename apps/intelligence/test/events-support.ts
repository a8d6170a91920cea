/** Reads the events of a running service. */
import { expect, onTestFinished } from 'vitest'

export interface HeardEvent {
  readonly id: string
  readonly type: string
  readonly document: string
  readonly [field: string]: unknown
}

/** Follows the events into a list, until the test ends or `stop` is called. */
export async function followEvents(
  { url }: { readonly url: string },
  query = '',
  lastId?: string,
): Promise<{ events: HeardEvent[]; stop: () => void }> {
  const controller = new AbortController()
  onTestFinished(() => controller.abort())
  const headers = lastId === undefined ? {} : { 'last-event-id': lastId }
  const response = await fetch(`${url}/events${query}`, { headers, signal: controller.signal })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const events: HeardEvent[] = []
  const read = async (): Promise<void> => {
    let text = ''
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const blocks = (text + chunk).split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const id = /^id: (.*)$/m.exec(block)?.[1] ?? ''
        const data = /^data: (.*)$/m.exec(block)?.[1]
        if (data !== undefined) events.push({ ...(JSON.parse(data) as HeardEvent), id })
      }
    }
  }
  void read().catch(() => 'left')
  return { events, stop: () => controller.abort() }
}
