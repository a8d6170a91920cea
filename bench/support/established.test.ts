import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { establishedTo } from './established.ts'

test.runIf(process.platform === 'linux')('a connection is held until one end closes it', async () => {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const accepted = once(server, 'connection')
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const [atServer] = (await accepted) as [typeof socket]
  const { localPort } = socket
  expect([...establishedTo(port)!]).toEqual([localPort])
  socket.destroy()
  await once(socket, 'close')
  expect([...establishedTo(port)!]).toEqual([])
  atServer.destroy()
  server.close()
})
