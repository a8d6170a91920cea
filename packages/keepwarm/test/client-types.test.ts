/** What the compiler knows of a response is what the schema says, and no more. */
import type { Readable } from 'node:stream'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import type {
  Call,
  HttpClient,
  HttpResponse,
  HttpStatusError,
  Page,
  Problem,
  ServerSentEvent,
  StandardSchema,
} from '../src/index.ts'

const Hits = z.object({ total: z.coerce.number(), hits: z.array(z.string()).default([]) })
type Found = { total: number; hits: string[] }

test('without a schema JSON is unknown, with one it is what comes out of it', () => {
  type Client = Pick<HttpClient, 'get' | 'fetch'>
  const types = (client: Client): void => {
    const call = client.get('/')
    expectTypeOf(call).toEqualTypeOf<Call>()
    expectTypeOf(call.json()).resolves.toBeUnknown()
    expectTypeOf(call.json(Hits)).resolves.toEqualTypeOf<Found>()
    expectTypeOf(call.json({} as StandardSchema<{ a: 1 }>)).resolves.toEqualTypeOf<{ a: 1 }>()
    expectTypeOf(call.text()).resolves.toBeString()
    expectTypeOf(call.bytes()).resolves.toEqualTypeOf<Buffer>()
    expectTypeOf(call.stream()).resolves.toEqualTypeOf<Readable>()
    expectTypeOf(call.lines()).toEqualTypeOf<AsyncGenerator<string>>()
    expectTypeOf(call.ndjson()).toEqualTypeOf<AsyncGenerator<unknown>>()
    expectTypeOf(call.ndjson(Hits)).toEqualTypeOf<AsyncGenerator<Found>>()
    expectTypeOf(call.discard()).resolves.toBeVoid()
    expectTypeOf(call.events()).toEqualTypeOf<AsyncGenerator<ServerSentEvent>>()
    expectTypeOf(call.pages()).toEqualTypeOf<AsyncGenerator<unknown>>()
    expectTypeOf(call.pages(Hits)).toEqualTypeOf<AsyncGenerator<Found>>()
    expectTypeOf(call.pages({ next: () => '?2' })).toEqualTypeOf<AsyncGenerator<unknown>>()
    call.pages(Hits, {
      next: (page) => {
        expectTypeOf(page).toEqualTypeOf<Page<Found>>()
        return { query: { at: page.body.total } }
      },
    })
    // @ts-expect-error there is no such option
    call.pages(Hits, { most: 3 })
    // @ts-expect-error a number is no page
    call.pages({ next: () => 2 })
    expectTypeOf<Awaited<Call>>().toEqualTypeOf<HttpResponse>()
    expectTypeOf(client.fetch).toEqualTypeOf<typeof fetch>()
  }
  expectTypeOf(types).toBeFunction()
})

test('a response says the same of its body', () => {
  expectTypeOf<HttpResponse['status']>().toBeNumber()
  const types = (response: HttpResponse): void => {
    expectTypeOf(response.json()).resolves.toBeUnknown()
    expectTypeOf(response.json(Hits)).resolves.toEqualTypeOf<Found>()
    expectTypeOf(response.ndjson(Hits)).toEqualTypeOf<AsyncGenerator<Found>>()
    expectTypeOf(response.events()).toEqualTypeOf<AsyncGenerator<ServerSentEvent>>()
    expectTypeOf(response.headers['x']).toEqualTypeOf<string | string[] | undefined>()
  }
  expectTypeOf(types).toBeFunction()
})

test('an error may carry problem details', () => {
  expectTypeOf<HttpStatusError['problem']>().toEqualTypeOf<Problem | undefined>()
  expectTypeOf<Problem['title']>().toEqualTypeOf<string | undefined>()
  expectTypeOf<Problem['balance']>().toBeUnknown()
})
