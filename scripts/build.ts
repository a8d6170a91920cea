/** `npm run build`: what the published packages hold, made anew, and the pages of the dashboard and of the service. */
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { house, nodeStep, tsc } from './steps.ts'

for (const name of ['keepwarm', 'dashboard', 'cli'])
  rmSync(join(house, 'packages', name, 'dist'), { recursive: true, force: true })

// In this order: each is built against what the others publish.
nodeStep('build', tsc, '-p', 'packages/keepwarm/tsconfig.build.json')
nodeStep('page of the dashboard', 'packages/dashboard/scripts/build.ts')
nodeStep('build of the dashboard', tsc, '-p', 'packages/dashboard/tsconfig.build.json')
for (const file of ['page.js', 'page.d.ts'])
  cpSync(
    join(house, 'packages/dashboard/src/built', file),
    join(house, 'packages/dashboard/dist/built', file),
  )
nodeStep('build of the command', tsc, '-p', 'packages/cli/tsconfig.build.json')
nodeStep('page of the service', 'apps/intelligence/scripts/build.ts')
