/** The service's page: what it is made of. */
import { join } from 'node:path'
import { ensureBuilt } from '../../../packages/dashboard/scripts/one-page.ts'

const home = join(import.meta.dirname, '..')
export const target: string = join(home, 'src/built/page.js')
/** What the page has from the dashboard's. */
const shared = '../../packages/dashboard'

/** Builds the page when its sources are others than it was built from. Says whether it did. */
export function ensureServicePage(): Promise<boolean> {
  return ensureBuilt({
    ...{ home, target, folder: 'src/page', packages: ['preact'] },
    inputs: [
      ...['src/page/**/*', 'vite.config.ts', 'package.json', 'scripts/page.ts'],
      `${shared}/src/page/{cell.ts,state/link.ts,ui/{theme.ts,marks.tsx},style/*.css}`,
      `${shared}/scripts/one-page.ts`,
    ],
  })
}
