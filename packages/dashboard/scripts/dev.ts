/** `npm run dev -w @keepwarm/dashboard [-- <scene>]`: the page with a service that does not exist, for working on it. */
import { ensurePage } from './page.ts'

await ensurePage()
const { serveScene } = await import('../test/support/fake-server.ts')
const server = await serveScene({ scene: process.argv[2] ?? 'pool-exhausted', port: 8_099 })
console.log(server.url)
