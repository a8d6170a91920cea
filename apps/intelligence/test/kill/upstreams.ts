/** All upstreams at once, as small as can be: they answer well, soon, and outlive the processes that ask them. */
import {
  startScripted,
  type Asked,
  type Said,
  type ScriptedServer,
} from '../../src/clients/scripted-server.ts'

/** @param delay milliseconds before each answer */
export function startAll(delay: () => number): Promise<ScriptedServer> {
  return startScripted((asked) => ({ ...answerTo(asked), after: delay() }))
}

function answerTo({ path, body }: Asked): Said {
  if (path === '/api/embed') {
    const { input } = body as { input: string[] }
    return { body: { embeddings: input.map((text) => [text.length, 1, 2, 3]) } }
  }
  if (path === '/api/generate') {
    return { body: { response: '{"entities":[],"relationships":[]}', done: true } }
  }
  if (path === '/analyze/semantic') {
    return { body: { concepts: [], themes: [], domains: [], patterns: [], language: 'en' } }
  }
  if (path === '/database/execute')
    return { body: { success: true, data: [{ version: 1 }], rows_affected: 1 } }
  return { body: { status: 'healthy' } }
}
