/**
 * What the four upstreams answer, in the sizes and shapes that real ones have, for as little work as can be: they are
 * there to be waited for, and the machine's processors belong to the service.
 */

/** As nomic-embed-text has them. */
export const DIMENSIONS = 768
/** Directions that each word adds to. */
const PLACES = 24

export interface Asked {
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

/** @throws for a path that none of the upstreams has */
export function answerTo({ path, body }: Asked): string {
  const answer = answers[path]
  if (answer === undefined) throw new Error(`no upstream has ${path}`)
  return answer(body)
}

const answers: Readonly<Record<string, (body: Asked['body']) => string>> = {
  '/api/embed': (body) => {
    const inputs = typeof body['input'] === 'string' ? [body['input']] : (body['input'] as string[])
    return `{"model":"bench","embeddings":[${inputs.map(embeddingText).join(',')}]}`
  },
  '/api/generate': (body) => {
    const answer = JSON.stringify(entitiesOf(String(body['prompt'])))
    return `${JSON.stringify({ response: answer, done: false })}\n{"response":"","done":true,"done_reason":"stop"}\n`
  },
  '/analyze/semantic': (body) => {
    const [first = 'a', second = 'b', ...rest] = rarestOf(String(body['content']), 6)
    return JSON.stringify({
      concepts: [first, second, ...rest].map((concept, at) => ({
        concept,
        score: 0.9 - at / 20,
        context: null,
      })),
      themes: [{ theme: first, weight: 0.8, related_concepts: [second] }],
      domains: [{ domain: 'generated', confidence: 0.7, subdomain: null }],
      patterns: [],
      language: 'en',
    })
  },
  '/database/execute': (body) =>
    body['fetch_mode'] === 'one'
      ? '{"success":true,"data":[{"version":1}],"rows_affected":1}'
      : '{"success":true,"data":null,"rows_affected":1}',
  '/api/workflows/trigger': (body) =>
    JSON.stringify({
      success: true,
      workflow_id: `workflow-${String((body['metadata'] as { batch_id?: string } | undefined)?.batch_id)}`,
      workflow_name: 'index_documents',
      status: 'RUNNING',
      created_at: '2026-01-01T00:00:00.000Z',
    }),
}

/** Each value's text is made once: to write 768 numbers anew costs more than to find them. */
const STEPS = 4_096
const texts = Array.from({ length: 2 * STEPS + 1 }, (_, at) => ((at - STEPS) / STEPS).toFixed(8))

/** Of unit length: words that texts share bring them together. */
export function embeddingOf(text: string): Float32Array {
  const vector = new Float32Array(DIMENSIONS)
  for (const word of text.toLowerCase().match(/[a-z]{4,}/g) ?? ['empty']) {
    let hash = hashOf(word)
    for (let place = 0; place < PLACES; place++) {
      hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d) + 0x9e37_79b9
      vector[(hash >>> 8) % DIMENSIONS]! += (hash & 1) === 0 ? 1 : -1
    }
  }
  let length = 0
  for (const value of vector) length += value * value
  const scale = length === 0 ? 0 : 1 / Math.sqrt(length)
  return vector.map((value) => value * scale)
}

function embeddingText(text: string): string {
  const parts: string[] = []
  for (const value of embeddingOf(text)) parts.push(texts[Math.round(value * STEPS) + STEPS]!)
  return `[${parts.join(',')}]`
}

function entitiesOf(prompt: string): object {
  const names = rarestOf(prompt, 8)
  return {
    entities: names.map((name, at) => {
      return { name, type: 'CONCEPT', text: name, description: '', confidence: 0.9 - at / 20 }
    }),
    relationships: names.slice(1, 4).map((target) => {
      return { source: names[0], target, type: 'RELATES_TO', confidence: 0.6 }
    }),
  }
}

/** The longest words stand for the rarest. */
function rarestOf(text: string, count: number): string[] {
  const words = new Set(text.slice(-1_500).match(/[a-z]{8,}/g) ?? ['nothing'])
  return [...words].sort((a, b) => b.length - a.length || (a < b ? -1 : 1)).slice(0, count)
}

/** FNV-1a. */
function hashOf(word: string): number {
  let hash = 0x811c_9dc5
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x0100_0193)
  return hash >>> 0
}
