/** The first finding about the original: its pooling did not pool. The same callers, counted at the server's sockets. */
import { expect, test } from 'vitest'
import { EnhancedEntityExtractor, WorkflowCoordinatorClient } from '../src/clients/index.ts'
import { startUpstreams } from '../src/upstreams/index.ts'
import { running } from './upstreams-support.ts'

test('twenty callers of twenty requests each open some twenty connections, not four hundred', async () => {
  const upstreams = await running(startUpstreams(['ollama', 'coordinator'], { ollama: { latency: 20 } }))
  const [ollama, coordinator] = [upstreams.get('ollama'), upstreams.get('coordinator')]
  // As the original's: 20 connections, 5 of them kept idle.
  await using extractor = new EnhancedEntityExtractor({ baseUrl: ollama.url, env: {} })
  await using workflows = new WorkflowCoordinatorClient({ baseUrl: coordinator.url, env: {} })
  const callers = Array.from({ length: 20 }, async () => {
    for (let call = 0; call < 20; call++) {
      await extractor.models()
      await workflows.active()
    }
  })
  await Promise.all(callers)
  for (const { requests, connections } of [ollama, coordinator]) {
    expect(requests).toBe(400)
    expect(connections.opened).toBeLessThanOrEqual(20)
  }
})
