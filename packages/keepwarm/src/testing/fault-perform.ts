/** Carries out what a fault server was told to do with a request. */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, FaultAnswer } from './fault-answer.ts'
import { bytesOf, half, type AnswerBytes } from './fault-bytes.ts'

/**
 * Between what shall still arrive and the reset after it, in ms: a reset overtakes what the other side has not read.
 */
const ARRIVES_WITHIN = 25

/** @param signal ends all waiting: the connection or the server is gone. Rejects with its reason then. */
export async function perform(
  answer: FaultAnswer,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const { delay = 0, fault } = answer
  if (delay > 0) await sleep(delay, undefined, { signal })
  const { socket } = response
  if (socket === null || socket.destroyed) return
  const bytes = bytesOf(answer)
  const deed = fault === undefined ? undefined : deeds[fault]
  if (deed !== undefined) return deed({ answer, bytes, response, socket, signal })
  response.writeHead(bytes.status, bytes.headers).end(bytes.body)
}

interface Scene {
  readonly answer: FaultAnswer
  readonly bytes: AnswerBytes
  readonly response: ServerResponse
  readonly socket: Socket
  readonly signal: AbortSignal
}

/** What the faults do that are not in the bytes. */
const deeds: { readonly [F in Fault]?: (scene: Scene) => void | Promise<void> } = {
  reset: ({ socket }) => void socket.resetAndDestroy(),
  close: ({ socket }) => void socket.end(),
  hang: () => {},
  hang_in_body: (scene) => begin(scene, half(scene.bytes.body)),
  async reset_after_head(scene) {
    begin(scene)
    await sleep(ARRIVES_WITHIN, undefined, { signal: scene.signal })
    scene.socket.resetAndDestroy()
  },
  async reset_in_body(scene) {
    begin(scene, half(scene.bytes.body))
    await sleep(ARRIVES_WITHIN, undefined, { signal: scene.signal })
    scene.socket.resetAndDestroy()
  },
  truncate(scene) {
    begin(scene, half(scene.bytes.body))
    scene.socket.end()
  },
  async trickle(scene) {
    begin(scene)
    for (const byte of scene.bytes.body) {
      await sleep(scene.answer.every ?? 20, undefined, { signal: scene.signal })
      scene.response.write(Uint8Array.of(byte))
    }
    scene.response.end()
  },
  garbage: ({ socket }) => void socket.end('\u0016\u0003\u0001 this is no answer \r\n\r\n'),
}

function begin({ bytes, response }: Scene, body?: Buffer): void {
  response.writeHead(bytes.status, bytes.headers).flushHeaders()
  if (body !== undefined && body.length > 0) response.write(body)
}
