/** `/api/generate` and `/api/chat`: one answer, as lines of JSON or as one object. */
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { accept, Refusal } from '../refusal.ts'
import { goneSignal } from '../upstream.ts'
import type { Model } from './models.ts'
import { badRequest } from './refusals.ts'
import * as schemas from './schemas.ts'
import { nanoseconds, type Generation, type Work } from './work.ts'

/** The two endpoints differ in where a piece of the answer stands. */
type Wrap = (piece: string) => Record<string, unknown>
const asResponse: Wrap = (piece) => ({ response: piece })
const asMessage: Wrap = (piece) => ({ message: { role: 'assistant', content: piece } })

interface Order {
  readonly model: Model
  readonly prompt: string
  readonly instructions: string
  readonly request: {
    readonly format?: 'json' | Record<string, unknown> | undefined
    readonly options?: { readonly num_predict?: number | undefined } | null | undefined
    readonly stream?: boolean | null | undefined
    readonly keep_alive: number
  }
  readonly wrap: Wrap
}

export async function generate(work: Work, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const body = accept(schemas.generate, request.body, badRequest)
  const model = answering(work, body.model, 'generate')
  refuseThinking(model, body.think)
  const order = {
    model,
    prompt: body.prompt ?? '',
    instructions: body.system ?? '',
    request: body,
    wrap: asResponse,
  }
  return fulfil(work, order, reply)
}

export async function chat(work: Work, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const body = accept(schemas.chat, request.body, badRequest)
  const model = answering(work, body.model, 'chat')
  refuseThinking(model, body.think)
  if ((body.tools ?? []).length > 0) throw new Refusal(400, { error: `${model.name} does not support tools` })
  const messages = body.messages ?? []
  const last = messages.findLast(({ role }) => role === 'user')
  const others = messages.filter((message) => message !== last)
  const instructions = others.map(({ content }) => content ?? '').join('\n')
  const order = { model, prompt: last?.content ?? '', instructions, request: body, wrap: asMessage }
  return fulfil(work, order, reply)
}

type Figures = Record<string, unknown>

async function fulfil(work: Work, order: Order, reply: FastifyReply): Promise<unknown> {
  const { model, prompt, request, wrap } = order
  const line = (piece: string, figures: Figures): Figures => ({
    model: model.name,
    created_at: new Date().toISOString(),
    ...wrap(piece),
    ...figures,
  })
  const streams = request.stream ?? true
  if (prompt === '') {
    const only = line('', await loadOnly(work, order))
    return streams ? sendLines(reply, [JSON.stringify(only) + '\n']) : only
  }
  const generation = await begin(work, order, reply)
  const lines = handOut(generation, work.pieceInterval, (piece) => line(piece, { done: false }))
  if (streams) {
    const text = stream(lines, (figures) => line('', figures))
    return sendLines(reply, text)
  }
  for (;;) {
    const { value, done } = await lines.next()
    if (done) return line(generation.pieces.join(''), value)
  }
}

/** A request without a prompt loads the model, or unloads it when it is to be kept for no time. */
async function loadOnly(work: Work, { model, request }: Order): Promise<Figures> {
  const { total, load } = await work.touch(model, request.keep_alive)
  const reason = request.keep_alive === 0 ? 'unload' : 'load'
  return { done: true, done_reason: reason, total_duration: total, load_duration: load }
}

async function begin(work: Work, order: Order, reply: FastifyReply): Promise<Generation> {
  const { model, prompt, instructions, request } = order
  const { format, keep_alive: keepAlive, options } = request
  const predict = options?.num_predict ?? -1
  const limit = predict < 0 ? Infinity : predict
  const gone = goneSignal(reply)
  const generation = await work.generate(model, { prompt, instructions, format, keepAlive, limit }, gone)
  // A stream that nobody began to read never reaches its own end, so the connection's end gives the slot back too.
  if (gone.aborted) generation.release()
  else reply.raw.once('close', generation.release)
  return generation
}

/** Hands the pieces out at the set pace, holding the slot; returns the closing figures. */
async function* handOut(
  generation: Generation,
  interval: number,
  line: (piece: string) => Figures,
): AsyncGenerator<Figures, Figures> {
  const handing = performance.now()
  try {
    for (const piece of generation.pieces) {
      if (interval > 0) await pause(interval)
      yield line(piece)
    }
    return {
      done: true,
      done_reason: generation.cut ? 'length' : 'stop',
      total_duration: nanoseconds(generation.started),
      load_duration: generation.load,
      prompt_eval_count: generation.promptTokens,
      prompt_eval_duration: generation.read,
      eval_count: generation.pieces.length,
      eval_duration: nanoseconds(handing),
    }
  } finally {
    generation.release()
  }
}

async function* stream(
  lines: AsyncGenerator<Figures, Figures>,
  last: (figures: Figures) => Figures,
): AsyncGenerator<string> {
  const figures = yield* texts(lines)
  yield JSON.stringify(last(figures)) + '\n'
}

async function* texts(lines: AsyncGenerator<Figures, Figures>): AsyncGenerator<string, Figures> {
  try {
    for (;;) {
      const { value, done } = await lines.next()
      if (done) return value
      yield JSON.stringify(value) + '\n'
    }
  } finally {
    // When the client leaves, this generator is ended from outside; the slot must come back all the same.
    await lines.return({})
  }
}

function sendLines(reply: FastifyReply, lines: Iterable<string> | AsyncIterable<string>): FastifyReply {
  return reply.type('application/x-ndjson').send(Readable.from(lines))
}

function answering(work: Work, name: string, what: 'generate' | 'chat'): Model {
  const model = work.find(name)
  if (!model.generates) throw new Refusal(400, { error: `"${name}" does not support ${what}` })
  return model
}

function refuseThinking(model: Model, think: unknown): void {
  if (think === undefined || think === null || think === false) return
  throw new Refusal(400, { error: `"${model.name}" does not support thinking` })
}
