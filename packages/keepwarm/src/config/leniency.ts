/** Without strictness what is wrong with the environment or a file is told, and left out. */
import type { ConfigProblem } from '../errors.ts'
import { refuseNoEnvironment } from './environment-check.ts'
import { commonPrefix, type Environment, type Layers } from './given.ts'
import { resolveOptions, type Resolution } from './resolve.ts'
import { isStrict, strictVariable } from './strict.ts'

/** A resolution, and what was left out of it. */
export interface Settlement {
  readonly resolution: Resolution
  readonly warnings: readonly ConfigProblem[]
}

/** Settles every option; without strictness, without what is wrong in the environment or a file. */
export function settle(layers: Layers): Settlement {
  if (layers.environment !== undefined) refuseNoEnvironment(layers.environment)
  const warnings: ConfigProblem[] = []
  let left = layers
  for (;;) {
    const resolution = resolveOptions(left)
    const { environment } = left
    const blamed = resolution.problems.filter(({ source }) => source === 'environment' || source === 'file')
    if (environment === undefined || blamed.length === 0 || isStrict(environment))
      return { resolution, warnings }
    warnings.push(...blamed)
    left = { ...left, environment: without(environment, new Set(blamed.map(({ variable }) => variable))) }
  }
}

/** Each round leaves something out, so that there is a last one. */
function without(environment: Environment, blamed: ReadonlySet<string>): Environment {
  const variables = Object.fromEntries(
    Object.entries(environment.variables).filter(([variable]) => !blamed.has(variable)),
  )
  const file = environment.file?.map(({ place, values }) => ({
    place,
    values: Object.fromEntries(Object.entries(values).filter(([name]) => !blamed.has(`${place}.${name}`))),
  }))
  return { ...environment, variables, ...(file !== undefined && { file }) }
}

/** Tells of what was left out; nothing is lost silently. */
export function warnOfProcess(problems: readonly ConfigProblem[]): void {
  for (const { variable, received, expected } of problems)
    process.emitWarning(`${variable} = ${received} is left out: expected ${expected}`, {
      type: 'ConfigWarning',
      code: 'KEEPWARM_CONFIG',
      detail: `${commonPrefix}_${strictVariable}=false turns an error of the configuration into this warning.`,
    })
}
