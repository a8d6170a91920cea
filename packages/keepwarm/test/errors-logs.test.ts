/** A logger is given the error as it is: what it writes helps, and holds nothing that is secret. */
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { incidents, secret } from './support/incidents.ts'

function written(error: Error): Record<string, unknown> {
  let text = ''
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += String(chunk)
      done()
    },
  })
  pino(sink).error(error)
  expect(text).not.toContain(secret)
  return (JSON.parse(text) as { err: Record<string, unknown> }).err
}

const named = (name: string): (typeof incidents)[number] =>
  incidents.find((incident) => incident.name === name)!

test('pino writes the code, the phase and the attempts of a lost connection', async () => {
  const err = written(await named('the answer breaks off').happens())
  expect(err).toMatchObject({ type: 'KeepwarmError', code: 'reset', phase: 'body', sent: 'maybe' })
  expect(err['attempts']).toHaveLength(3)
  expect(err['connection']).toMatchObject({ id: 3, reused: false })
  expect(err['stack']).toContain('other side closed')
})

test('of a status pino writes the status, and neither headers nor body', async () => {
  const err = written(await named('the service answers 503').happens())
  expect(err).toMatchObject({ type: 'HttpStatusError', code: 'status', status: 503 })
  expect(err).not.toHaveProperty('headers')
  expect(err).not.toHaveProperty('body')
})

test('what is not HTTP is not written, though its parser keeps it', async () => {
  const err = written(await named('something else than HTTP listens').happens())
  expect(err).toMatchObject({ code: 'protocol' })
})
