/** `node packages/keepwarm/test/support/print-incidents.ts [words]`: what the errors say, to be read by somebody awake. */
import { incidents } from './incidents.ts'

const words = process.argv.slice(2).join(' ')
for (const { name, code, happens } of incidents.filter((incident) =>
  `${incident.code} ${incident.name}`.includes(words),
)) {
  const error = await happens()
  console.log(`── ${name} (${code})\n${error.message}\n   help: ${error.help}\n`)
}
