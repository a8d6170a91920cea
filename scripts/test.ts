/** `npm test`: types first, because they are quick, then the tests. Arguments go to vitest. */
import { nodeStep, tsc, vitest } from './steps.ts'

console.log(`Node ${process.version}`)
nodeStep('types', tsc, '-p', '.')
nodeStep('types of the dashboard', tsc, '-p', 'packages/dashboard')
nodeStep("types of the service's page", tsc, '-p', 'apps/intelligence')
nodeStep('declarations', tsc, '-p', 'packages/keepwarm/tsconfig.build.json', '--noEmit')
nodeStep('tests', vitest, 'run', ...process.argv.slice(2))
