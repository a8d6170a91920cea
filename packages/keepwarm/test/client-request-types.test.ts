/** What the compiler takes as a query, headers and a body, and what it does not. */
import type { ReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import type { ReadableStream as NodeWebStream } from 'node:stream/web'
import { expectTypeOf, test } from 'vitest'
import type { CallOptions, Progress } from 'keepwarm'

type Takes<T> = { body: T } extends CallOptions ? true : false

test('bodies', () => {
  expectTypeOf<Takes<string>>().toEqualTypeOf<true>()
  expectTypeOf<Takes<Buffer>>().toEqualTypeOf<true>()
  expectTypeOf<Takes<ArrayBuffer>>().toEqualTypeOf<true>()
  expectTypeOf<Takes<Float64Array>>().toEqualTypeOf<true>()
  expectTypeOf<Takes<DataView>>().toEqualTypeOf<true>()
  expectTypeOf<Takes<Blob>>().toEqualTypeOf<true>()
  expectTypeOf<Takes<File>>().toEqualTypeOf<true>()
  expectTypeOf<Takes<FormData>>().toEqualTypeOf<true>()
  expectTypeOf<Takes<URLSearchParams>>().toEqualTypeOf<true>()
  expectTypeOf<Takes<Readable>>().toEqualTypeOf<true>()
  expectTypeOf<Takes<NodeWebStream<Uint8Array>>>().toEqualTypeOf<true>()
  expectTypeOf<Takes<ReturnType<Blob['stream']>>>().toEqualTypeOf<true>()
  expectTypeOf<Takes<AsyncGenerator<string | Buffer>>>().toEqualTypeOf<true>()
  expectTypeOf<Takes<readonly (string | Uint8Array)[]>>().toEqualTypeOf<true>()
  expectTypeOf<Takes<() => ReadStream>>().toEqualTypeOf<true>()
  expectTypeOf<Takes<() => Promise<Blob>>>().toEqualTypeOf<true>()
  expectTypeOf<Takes<number>>().toEqualTypeOf<false>()
  expectTypeOf<Takes<null>>().toEqualTypeOf<false>()
  expectTypeOf<Takes<{ a: number }>>().toEqualTypeOf<false>()
  expectTypeOf<Takes<readonly number[]>>().toEqualTypeOf<false>()
  expectTypeOf<Takes<() => FormData>>().toEqualTypeOf<false>()
})

test('queries, forms and headers', () => {
  type Form<T> = { form: T; query: T } extends CallOptions ? true : false
  expectTypeOf<
    Form<{ q: string; n: readonly number[]; since: Date; none: undefined }>
  >().toEqualTypeOf<true>()
  expectTypeOf<Form<URLSearchParams>>().toEqualTypeOf<true>()
  expectTypeOf<Form<Map<string, number>>>().toEqualTypeOf<true>()
  expectTypeOf<Form<{ filter: { a: number } }>>().toEqualTypeOf<false>()
  type Said<T> = { headers: T } extends CallOptions ? true : false
  expectTypeOf<Said<Headers>>().toEqualTypeOf<true>()
  expectTypeOf<
    Said<{ accept: string; 'x-none': undefined; 'x-many': readonly string[] }>
  >().toEqualTypeOf<true>()
  expectTypeOf<Said<readonly (readonly [string, string | undefined])[]>>().toEqualTypeOf<true>()
  expectTypeOf<Said<{ 'x-count': number }>>().toEqualTypeOf<false>()
})

test('listeners', () => {
  const options: CallOptions = {
    onUploadProgress: (progress) => expectTypeOf(progress).toEqualTypeOf<Progress>(),
    onTrailers: (trailers) => expectTypeOf(trailers['x-sum']).toEqualTypeOf<string | string[] | undefined>(),
  }
  expectTypeOf(options).toEqualTypeOf<CallOptions>()
})
