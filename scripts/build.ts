/** `npm run build`: what the published library holds, made anew, and the pages of the dashboard and of the service. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { house, nodeStep, tsc } from './steps.ts'

rmSync(join(house, 'packages/keepwarm/dist'), { recursive: true, force: true })
nodeStep('build', tsc, '-p', 'packages/keepwarm/tsconfig.build.json')
nodeStep('page of the dashboard', 'packages/dashboard/scripts/build.ts')
nodeStep('page of the service', 'apps/intelligence/scripts/build.ts')
