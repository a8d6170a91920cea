/** Every package that comes with the library or the service must have a licence that MIT code may depend on. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { house } from './steps.ts'

const allowed = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'Unlicense',
  'CC0-1.0',
])

interface Locked {
  readonly version?: string
  readonly license?: string
  readonly dev?: boolean
  readonly link?: boolean
}

const lock = JSON.parse(readFileSync(join(house, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>
}
const shipped = Object.entries(lock.packages).filter(
  ([path, entry]) => path.includes('node_modules/') && !entry.dev && !entry.link,
)
const refused = shipped.filter(([, { license = '' }]) => !acceptable(license))

for (const [path, { version, license }] of refused) {
  console.error(`${path.split('node_modules/').at(-1)} ${version}: ${license ?? 'no licence named'}`)
}
if (refused.length > 0) {
  console.error(
    `Allowed: ${[...allowed].join(', ')}. Replace the package, or look at its licence and add it in scripts/licences.ts.`,
  )
  process.exit(1)
}
console.log(`${shipped.length} packages, all under a permissive licence`)

/** Of "A OR B" one is enough, of "A AND B" both are needed. */
function acceptable(license: string): boolean {
  const choices = license.replace(/[()]/g, '').split(' OR ')
  return choices.some((choice) => choice.split(' AND ').every((part) => allowed.has(part.trim())))
}
