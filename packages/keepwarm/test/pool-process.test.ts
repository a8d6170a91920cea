/** What keeps a process alive: somebody who waits. Nothing else. */
import { expect, test } from 'vitest'
import { runProgram } from './support/program.ts'
import { startHttp, startHttps } from './support/servers.ts'

const begin = `
  import { ConnectionPool } from 'keepwarm'
  import { request } from 'undici'
  const [, origin] = process.argv
  process.on('exit', (code) => console.log('exit', code))
`

test.each([
  ['http', startHttp],
  ['https', startHttps],
])('T16: idle connections (%s) do not keep the process alive', async (_, start) => {
  await using server = await start()
  const program = `${begin}
    const pool = new ConnectionPool({ connect: { rejectUnauthorized: false } })
    const { body } = await request(origin, { dispatcher: pool })
    console.log(await body.text(), pool.snapshot().connections)
  `
  const { code, output } = await runProgram(program, server.origin)
  expect(output).toBe('hello 1\nexit 0\n')
  expect(code).toBe(0)
})

test('T16: who waits for a connection keeps the process alive, to the end of the wait', async () => {
  const program = `${begin}
    const pool = new ConnectionPool({ acquireTimeout: 300, connect: () => {} })
    await request('http://127.0.0.1:1', { dispatcher: pool }).catch((error) => console.log(error.code))
  `
  const { code, output } = await runProgram(program)
  expect(output).toBe('acquire_timeout\nexit 0\n')
  expect(code).toBe(0)
})

test('T16: a dial that hangs in its name lookup keeps the process alive for who waits', async () => {
  const program = `${begin}
    const pool = new ConnectionPool({ connectTimeout: 200, connect: { lookup: () => {} } })
    await request('http://name.test', { dispatcher: pool }).catch((error) => console.log(error.code))
  `
  const { output } = await runProgram(program)
  expect(output).toBe('UND_ERR_CONNECT_TIMEOUT\nexit 0\n')
})

test('T16: a request under way keeps the process alive, also on a connection that was idle', async () => {
  await using server = await startHttp((_, response) => void setTimeout(() => response.end('slow'), 150))
  const program = `${begin}
    const pool = new ConnectionPool()
    for (let i = 0; i < 2; i++) {
      const { body } = await request(origin, { dispatcher: pool })
      console.log(await body.text())
    }
  `
  const { output } = await runProgram(program, server.origin)
  expect(output).toBe('slow\nslow\nexit 0\n')
})

test('T16: a dial that nobody waits for any more does not keep the process alive', async () => {
  const program = `${begin}
    const pool = new ConnectionPool({ connect: { lookup: () => {} } })
    const leaving = AbortSignal.timeout(50)
    await request('http://name.test', { dispatcher: pool, signal: leaving }).catch((error) => console.log(error.name))
  `
  const { output, took } = await runProgram(program)
  expect(output).toBe('TimeoutError\nexit 0\n')
  expect(took).toBeLessThan(5_000) // the dial alone would take ten seconds
})

test('close() of an idle pool lets the process end, and is over before', async () => {
  await using server = await startHttp()
  const program = `${begin}
    const pool = new ConnectionPool()
    const { body } = await request(origin, { dispatcher: pool })
    await body.text()
    await pool.close()
    console.log('closed')
  `
  const { output } = await runProgram(program, server.origin)
  expect(output).toBe('closed\nexit 0\n')
})
