/** What operators look at: the dashboard, the figures for Prometheus, the diagnosis. */
import { expect, test } from 'vitest'
import { post, service, settled, texts } from './app-support.ts'

test('the dashboard shows every client of the service, live, and the figures are those of the calls', async () => {
  const running = await service()
  await settled(running, await post(running, texts(1)[0]!))
  const page = await fetch(`${running.url}/dashboard/`)
  expect(page.status).toBe(200)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  const snapshot = (await (await fetch(`${running.url}/dashboard/snapshot.json`)).json()) as {
    process: { name: string }
    clients: { name: string; calls: { started: number } }[]
  }
  expect(snapshot.process.name).toBe('intelligence-service')
  const ollama = snapshot.clients.find(({ name }) => name === running.context.clients.extractor.name)
  expect(ollama!.calls.started).toBeGreaterThan(0)
  expect(snapshot.clients).toHaveLength(5)
})

test('/metrics has the figures of every client, /diagnose says in words that all is well', async () => {
  const running = await service()
  await settled(running, await post(running, texts(1)[0]!))
  const metrics = await fetch(`${running.url}/metrics`)
  expect(metrics.headers.get('content-type')).toContain('text/plain')
  expect(await metrics.text()).toMatch(/^http_client_request_duration_seconds_count\{.*\} \d+$/m)
  const diagnosed = await fetch(`${running.url}/diagnose`, { headers: { accept: 'text/plain' } })
  expect(await diagnosed.text()).not.toBe('')
  const verdicts = (await (await fetch(`${running.url}/diagnose`)).json()) as { level: string }[]
  expect(verdicts.filter(({ level }) => level === 'critical')).toEqual([])
})

test('who watches does not keep the service from stopping', async () => {
  const running = await service()
  const watching = await fetch(`${running.url}/dashboard/events`)
  expect(watching.headers.get('content-type')).toContain('text/event-stream')
  const read = watching.text().catch(() => 'ended')
  await running.close({ timeout: 1_000 })
  await read
})
