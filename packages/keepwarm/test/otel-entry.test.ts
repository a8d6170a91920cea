/** OpenTelemetry is for those who have it: the other entries work without. */
import { expect, test } from 'vitest'
import { runProgram } from './support/program.ts'

/** A process in which nothing of OpenTelemetry can be found. */
const without = `
import { registerHooks } from 'node:module'
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('@opentelemetry/')) throw new Error('there is no ' + specifier)
    return next(specifier, context)
  },
})
const { HttpClient } = await import('keepwarm')
await import('keepwarm/policies')
await import('keepwarm/testing')
await new HttpClient({ baseUrl: 'http://orders' }).close()
console.log('all loaded')
await import('keepwarm/opentelemetry').catch(({ message }) => console.log(message))
`

test('only keepwarm/opentelemetry loads @opentelemetry/api', async () => {
  const { output } = await runProgram(without)
  expect(output).toBe('all loaded\nthere is no @opentelemetry/api\n')
})
