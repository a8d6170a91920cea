/** The dashboard's page: what it is made of. */
import { join } from 'node:path'
import { ensureBuilt } from './one-page.ts'

const home = join(import.meta.dirname, '..')
export const target: string = join(home, 'src/built/page.js')

/** Builds the page when its sources are others than it was built from. Says whether it did. */
export function ensurePage(): Promise<boolean> {
  return ensureBuilt({
    ...{ home, target, folder: 'src/page', packages: ['preact', 'uplot'] },
    inputs: ['src/page/**/*', 'vite.config.ts', 'package.json', 'scripts/{page,one-page,lean-plot}.ts'],
  })
}
