import { commonPrefix } from '../../config/given.ts'
import { optionRows } from '../../config/options-table.ts'
import type { ConfigProblem } from '../../errors.ts'
import { poolOptionNames } from '../../pool/options.ts'
import type { HTTPClientConfig } from '../config.ts'
import type { HttpClientOptions } from '../options.ts'

const expected = 'nothing: the client shares its pool, which is configured for all of its clients'

/** Who shares a pool does not configure it: what variables or a file say for this client alone would be lost. */
export function uselessSettings(config: HTTPClientConfig, prefix: string): ConfigProblem[] {
  return optionRows.flatMap(([option, row]): ConfigProblem[] => {
    if (!poolOptionNames.has(row.option.split('.')[0] ?? '')) return []
    const { variable, place } = config.entries[option]
    if (variable !== undefined && prefix !== commonPrefix && variable.startsWith(`${prefix}_`))
      return [problem(variable, 'environment')]
    return place === undefined || / defaults\./.test(place) ? [] : [problem(place, 'file')]
  })
}

/** The same of what code says for it alone. */
export function uselessOptions(name: string, own: readonly HttpClientOptions[]): ConfigProblem[] {
  return own
    .flatMap((options) => Object.keys(options))
    .filter((option) => poolOptionNames.has(option) && option !== 'runtime')
    .map((option) => problem(`clients.${name}.${option}`, 'code'))
}

function problem(variable: string, source: 'code' | 'environment' | 'file'): ConfigProblem {
  return { variable, received: '(not shown)', expected, reason: 'conflict', source }
}
