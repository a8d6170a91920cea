/** `node packages/keepwarm/test/support/print-declarations.ts`: how much a user's compiler reads, and how long that takes. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { complaints, declarationsFrom, writeDeclarations } from './declarations.ts'

const folder = join(import.meta.dirname, `../../../../.data/declarations-${process.pid}`)
mkdirSync(folder, { recursive: true })
try {
  await writeDeclarations(folder)
  for (const entry of ['index.d.ts', 'policies/index.d.ts', 'testing/index.d.ts']) {
    const { files, packed, packedCode } = declarationsFrom(folder, entry)
    const began = performance.now()
    const said = await complaints(folder, [entry])
    const took = Math.round(performance.now() - began)
    console.log(
      `${entry}: ${files.size} files, ${packed} bytes gzipped (${packedCode} without comments), checked in ${took} ms${said}`,
    )
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
