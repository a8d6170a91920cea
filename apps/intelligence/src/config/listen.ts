/** Listening where the settings say; in place of the usual port that is taken, the next free one. */
import type { FastifyInstance } from 'fastify'
import { SettingsError } from './problems.ts'
import type { Settings } from './settings.ts'

/** Ports that are tried after the usual one. */
const NEXT_PORTS = 20

export interface Listening {
  /** For people: where the service can be reached from this machine. */
  readonly url: string
  readonly port: number
  /** The usual port, when it was taken and another one was found. */
  readonly taken: number | undefined
}

/** @throws SettingsError naming PORT or HOST when the service cannot listen there. */
export async function listen(app: FastifyInstance, settings: Settings): Promise<Listening> {
  const { host, port, portGiven } = settings
  const last = portGiven ? port : port + NEXT_PORTS
  for (let tried = port; ; tried++) {
    try {
      await app.listen({ port: tried, host })
      return describe(app, host, tried === port ? undefined : port)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code !== 'EADDRINUSE' || tried >= last) throw refusal(code, settings) ?? error
    }
  }
}

function describe(app: FastifyInstance, host: string, taken: number | undefined): Listening {
  const address = app.server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const anywhere = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return { url: `http://${anywhere.includes(':') ? `[${anywhere}]` : anywhere}:${port}`, port, taken }
}

function refusal(code: unknown, { host, port, portGiven }: Settings): SettingsError | undefined {
  if (code === 'EADDRINUSE') {
    const received = portGiven ? String(port) : `${port} (the default)`
    const expected = 'a free port; another program listens on this one'
    return new SettingsError([{ variable: 'PORT', received, expected, fix: 'PORT=0 takes any free one' }])
  }
  if (code === 'EACCES') {
    const expected = 'a port that this user may listen on, from 1024 up'
    return new SettingsError([{ variable: 'PORT', received: String(port), expected, fix: 'PORT=8053' }])
  }
  if (code !== 'EADDRNOTAVAIL' && code !== 'ENOTFOUND' && code !== 'EAI_AGAIN') return undefined
  const expected = 'an address of this machine'
  return new SettingsError([
    { variable: 'HOST', received: JSON.stringify(host), expected, fix: 'HOST=127.0.0.1' },
  ])
}
