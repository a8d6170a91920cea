/** `npm run build` of the app: its page, when the sources have changed since. */
import { gzipSync } from 'node:zlib'
import { ensureServicePage, target } from './page.ts'

const fresh = await ensureServicePage()
const { pageHtml } = (await import(target)) as { pageHtml: string }
const [plain, packed] = [Buffer.byteLength(pageHtml), gzipSync(pageHtml).length].map((size) =>
  (size / 1_000).toFixed(1),
)
console.log(`page ${fresh ? 'built' : 'is current'}: ${plain} kB, ${packed} kB gzipped`)
