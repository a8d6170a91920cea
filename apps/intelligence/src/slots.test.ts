import { describe, expect, test } from 'vitest'
import { QueueFull, Slots } from './slots.ts'

const never = new AbortController().signal

describe('Slots', () => {
  test('lets in as many as it says, then in order of arrival', async () => {
    const slots = new Slots(1, 2)
    const first = await slots.enter(never)
    const order: string[] = []
    const second = slots.enter(never).then((release) => (order.push('second'), release()))
    const third = slots.enter(never).then((release) => (order.push('third'), release()))
    expect(order).toEqual([])
    first()
    await Promise.all([second, third])
    expect(order).toEqual(['second', 'third'])
  })

  test('refuses when the queue is full, with Ollama’s words', async () => {
    const slots = new Slots(1, 0)
    const release = await slots.enter(never)
    await expect(slots.enter(never)).rejects.toThrow(QueueFull)
    await expect(slots.enter(never)).rejects.toThrow(
      'server busy, please try again.  maximum pending requests exceeded',
    )
    release()
    await expect(slots.enter(never)).resolves.toBeTypeOf('function')
  })

  test('one who leaves the queue frees the place and takes no slot', async () => {
    const slots = new Slots(1, 1)
    const release = await slots.enter(never)
    const leaving = new AbortController()
    const waiting = slots.enter(leaving.signal)
    leaving.abort(new Error('gone'))
    await expect(waiting).rejects.toThrow('gone')
    const next = slots.enter(never)
    release()
    await expect(next).resolves.toBeTypeOf('function')
  })

  test('a slot given back twice is one slot', async () => {
    const slots = new Slots(1, 0)
    const release = await slots.enter(never)
    release()
    release()
    await slots.enter(never)
    await expect(slots.enter(never)).rejects.toThrow(QueueFull)
  })
})
