/** The defaults that matter most, out of the options of docs/configuration.md. */
import { aligned, cellsOf } from './table.ts'

const important = [
  'maxConnections',
  'maxConnectionsPerOrigin',
  'maxIdleConnections',
  'idleTimeout',
  'maxConnectionAge',
  'maxQueue',
  'timeout',
  'connectTimeout',
  'headersTimeout',
  'bodyIdleTimeout',
  'acquireTimeout',
  'maxResponseBytes',
]

/**
 * A table of names, variables and defaults.
 * @throws Error naming an option that the page does not have
 */
export function defaultsTable(configuration: string): string {
  const rows = configuration
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map(cellsOf)
  const chosen = important.map((name) => {
    const [variable, code, value] = rows.find(([, code]) => code === `\`${name}\``) ?? []
    if (variable === undefined || code === undefined || value === undefined)
      throw new Error(`docs/configuration.md has no option "${name}"; see scripts/docs/defaults.ts`)
    return [code, variable, value]
  })
  return aligned([['option', 'variable', 'default'], ...chosen])
}
