/** `npm run build` of this package: the page, when its sources have changed since. */
import { gzipSync } from 'node:zlib'
import { ensurePage, target } from './page.ts'

const began = performance.now()
const fresh = await ensurePage()
const { pageHtml } = (await import(target)) as { pageHtml: string }
const sizes = [Buffer.byteLength(pageHtml), gzipSync(pageHtml).length].map((size) =>
  (size / 1_000).toFixed(1),
)
const what = fresh ? `built in ${Math.round(performance.now() - began)} ms` : 'is current'
console.log(`page ${what}: ${sizes[0]} kB, ${sizes[1]} kB gzipped`)
