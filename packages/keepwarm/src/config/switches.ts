/** Options that switch others on and off. */
import { COMMON } from './given.ts'
import type { OptionName } from './options-table.ts'
import { optionRows, optionsTable } from './options-table.ts'
import { valueOf, type Scene } from './settled.ts'

/** Options that are an object of a client's options; each has a row of its own that switches it. */
export const switches = ['breaker', 'hedge', 'limiter', 'healthChecks'] as const

/** The options that belong to one: those below it among the client's options. */
export function partsOf(name: string): OptionName[] {
  return optionRows.filter(([, { option }]) => option.startsWith(`${name}.`)).map(([part]) => part)
}

/** A part that is given switches its whole on; what is off makes its parts say nothing. */
export function settleSwitches(scene: Scene): void {
  applyPreset(scene)
  if (scene.isWhole && !scene.given.has('baseUrl')) settleWithoutBase(scene)
  for (const name of switches) {
    const parts = partsOf(name)
    const cause = parts.find((part) => scene.given.has(part) && scene.settled.get(part)?.unused !== true)
    if (!scene.given.has(name) && cause !== undefined && valueOf(scene, name) === false)
      scene.settled.set(name, { value: true, note: `on because ${cause} is given` })
    if (valueOf(scene, name) === false) silence(scene, parts, `not used: ${name} is off`)
  }
  if (valueOf(scene, 'retries') === 0) silence(scene, retryParts(), 'not used: no retries')
  if (valueOf(scene, 'discipline') === 'fifo')
    silence(scene, ['overloadAfter', 'overloadWait'], 'not used: discipline is fifo')
}

/**
 * Without a base URL nobody knows where connections and checks should lead. What is said for all clients is then not
 * meant for this one; what is said for this one alone is a mistake, which the client tells.
 */
function settleWithoutBase({ given, settled }: Scene): void {
  const needing: OptionName[] = ['minConnections', 'warmUp', 'healthChecks', ...partsOf('healthChecks')]
  for (const name of needing) {
    const found = given.get(name)
    if (found === undefined || found.rank < COMMON) continue
    const value = name === 'healthChecks' ? false : found.value
    settled.set(name, { value, unused: true, note: 'not used: there is no baseUrl' })
  }
}

/** What the preset makes of options that nobody gave. */
function applyPreset({ given, settled }: Scene): void {
  const preset = settled.get('resilience')?.value
  const note = `resilience is ${preset === 'hedged' ? preset : 'none'}`
  if (preset === 'hedged' && !given.has('hedge')) settled.set('hedge', { value: true, note })
  if (preset !== 'none') return
  if (!given.has('retries')) settled.set('retries', { value: 0, note })
  if (!given.has('breaker')) settled.set('breaker', { value: false, note })
}

function retryParts(): OptionName[] {
  return partsOf('retry').filter((part) => part !== 'retries')
}

function silence({ given, settled }: Scene, parts: readonly OptionName[], note: string): void {
  for (const part of parts) {
    const before = settled.get(part)
    const why = before?.note ?? note
    settled.set(part, { value: before?.value, unused: true, ...(given.has(part) && { note: why }) })
  }
}

/** Whether an option is a whole with parts. */
export function isSwitch(name: OptionName): name is (typeof switches)[number] {
  return (switches as readonly OptionName[]).includes(name) && optionsTable[name].kind === 'flag'
}
