/**
 * A body that is larger than what is held for it, and that nobody reads, keeps its connection. When its response has been
 * garbage collected nobody ever will, and the connection is let go.
 */
import type { BodyFeed } from './body-feed.ts'

const responses = new FinalizationRegistry<BodyFeed>((feed) => feed.abandoned())
const streams = new FinalizationRegistry<BodyFeed>((feed) => feed.cancel(undefined))

export function watchResponse(response: object, feed: BodyFeed): void {
  responses.register(response, feed)
}

/** From now on it is the stream that has to be held: `const { body } = await fetch(url)` lets the response go. */
export function watchStream(stream: object, feed: BodyFeed): void {
  if (!feed.ended) streams.register(stream, feed)
}
