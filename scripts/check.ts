/** `npm run check`: everything that can be said about the code without running it, and the house's own rules. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { complaintsOf, lintAll, packAll } from './published.ts'
import { house, nodeStep, step, tsc, vitest } from './steps.ts'

const oxlint = 'tools/node_modules/oxlint/bin/oxlint'
const knip = 'tools/node_modules/knip/bin/knip.js'
const installed = join(house, 'tools/node_modules/.package-lock.json')

nodeStep('format', 'node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.')
nodeStep('types', tsc, '-p', '.')
nodeStep('types of the dashboard', tsc, '-p', 'packages/dashboard')
nodeStep("types of the service's page", tsc, '-p', 'apps/intelligence')
installTools()
process.env['OXLINT_TSGOLINT_PATH'] = join(house, 'tools/node_modules/.bin/tsgolint')
nodeStep('lint', oxlint, '--config=tools/oxlintrc.json', '--type-aware', '--deny-warnings')
nodeStep('licences', 'scripts/licences.ts')
nodeStep('unused files, exports and dependencies', knip, '--config=tools/knip.json', '--no-progress')
checkPackages()
nodeStep(
  'house rules',
  vitest,
  'run',
  'test/imports.test.ts',
  'test/source-rules.test.ts',
  'test/docs.test.ts',
  'test/derived-docs.test.ts',
)
console.log('✓ everything holds')

/** The tools are kept out of the main lock file, so a change of their package.json is what asks for an install. */
function installTools(): void {
  const age = statSync(installed, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (age > statSync(join(house, 'tools/package.json')).mtimeMs) return
  step('tools', 'npm', 'install', '--prefix', 'tools', '--no-package-lock', '--no-audit', '--no-fund')
}

/** What is looked at are the very files that would be published. */
function checkPackages(): void {
  const tarballs = packAll('.data/packed')
  const complaints = complaintsOf(tarballs)
  for (const complaint of complaints) console.error(`✗ ${complaint}`)
  if (complaints.length > 0) process.exit(1)
  lintAll(tarballs)
}
