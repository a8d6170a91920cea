/** `npm run check`: everything that can be said about the code without running it, and the house's own rules. */
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { house, nodeStep, step, tsc, vitest } from './steps.ts'

const oxlint = 'tools/node_modules/oxlint/bin/oxlint'
const packed = '.data/packed'
const installed = join(house, 'tools/node_modules/.package-lock.json')

nodeStep('format', 'node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.')
nodeStep('types', tsc, '-p', '.')
nodeStep('types of the dashboard', tsc, '-p', 'packages/dashboard')
nodeStep("types of the service's page", tsc, '-p', 'apps/intelligence')
installTools()
process.env['OXLINT_TSGOLINT_PATH'] = join(house, 'tools/node_modules/.bin/tsgolint')
nodeStep('lint', oxlint, '--config=tools/oxlintrc.json', '--type-aware', '--deny-warnings')
nodeStep('licences', 'scripts/licences.ts')
checkPackage()
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

/** Packing builds; what is looked at is the very file that would be published. */
function checkPackage(): void {
  rmSync(join(house, packed), { recursive: true, force: true })
  mkdirSync(join(house, packed), { recursive: true })
  step('pack', 'npm', 'pack', '--workspace=keepwarm', `--pack-destination=${packed}`, '--loglevel=error')
  const { version } = JSON.parse(readFileSync(join(house, 'packages/keepwarm/package.json'), 'utf8')) as {
    version: string
  }
  const tarball = `${packed}/keepwarm-${version}.tgz`
  nodeStep('publint', 'tools/node_modules/publint/src/cli.js', '--strict', tarball)
  nodeStep('attw', 'tools/node_modules/@arethetypeswrong/cli/dist/index.js', '--profile=esm-only', tarball)
}
