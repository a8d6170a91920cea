import type { ConfigProblem } from '../errors.ts'
import { readCertificates, type Certificates } from './certificates.ts'
import { entriesOf, type ConfigEntry } from './entries.ts'
import { collectGiven } from './given.ts'
import type { Given, Layers } from './given.ts'
import { optionRows } from './options-table.ts'
import type { OptionName, OptionValues } from './options-table.ts'
import { defaultOf } from './read-value.ts'
import { settleRelations } from './relations.ts'
import type { Settled } from './settled.ts'
import { strictProblems } from './strict.ts'
import { settleSwitches } from './switches.ts'
import { checkTogether, settleFollowers } from './together.ts'
import { unknownInFile, unknownOptions, unknownVariables, wrongPrefix } from './unknown-names.ts'

export interface Resolution {
  readonly values: OptionValues
  readonly entries: Readonly<Record<OptionName, ConfigEntry>>
  readonly given: ReadonlyMap<OptionName, Given>
  readonly settled: Settled
  readonly certificates: Certificates
  /** What makes the configuration unusable. */
  readonly problems: readonly ConfigProblem[]
}

/** Settles every option: code, then the service's variables, the common ones, the file, then the default. */
export function resolveOptions(layers: Layers): Resolution {
  const { overrides, environment } = layers
  const problems: ConfigProblem[] = []
  const given = collectGiven(layers, problems)
  problems.push(...unknownOptions(overrides))
  if (environment !== undefined) {
    problems.push(
      ...wrongPrefix(environment),
      ...unknownVariables(environment),
      ...unknownInFile(environment),
    )
    problems.push(...strictProblems(environment))
  }
  const settled: Settled = new Map(
    optionRows.map(([name, row]) => {
      const found = given.get(name)
      return [name, { value: found === undefined ? defaultOf(row) : found.value }]
    }),
  )
  const scene = { given, settled, problems, isWhole: layers.options.length > 0 }
  settleSwitches(scene)
  settleFollowers(scene)
  settleRelations(scene)
  checkTogether(scene)
  const certificates = readCertificates(scene)
  const values = Object.fromEntries(optionRows.map(([name]) => [name, settled.get(name)?.value]))
  return {
    // Every row is there, and each kind reads its own type of value.
    values: values as unknown as OptionValues,
    entries: entriesOf(given, settled),
    ...{ given, settled, certificates, problems },
  }
}
