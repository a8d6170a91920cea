/** A fault of the original system, and what shows that it cannot come back. */

export interface Proof {
  /** From the root of the repository. */
  readonly file: string
  /** As it stands in the source: of `test.each` the template, not one of its rows. */
  readonly name: string
}

export type Fault = {
  readonly number: number
  /** What the original did. */
  readonly fault: string
} & ({ readonly tests: readonly Proof[] } | { /** Why it cannot be here at all. */ readonly not: string })

/** Tests of one file: `client-health` in the library's test/, `src/…` in the library. */
export function ofKeepwarm(file: string, ...names: string[]): Proof[] {
  return prove(`packages/keepwarm/${file.includes('/') ? file : `test/${file}`}.test.ts`, names)
}

/** The same for the service. */
export function service(file: string, ...names: string[]): Proof[] {
  return prove(`apps/intelligence/${file.includes('/') ? file : `test/${file}`}.test.ts`, names)
}

function prove(file: string, names: readonly string[]): Proof[] {
  return names.map((name) => ({ file, name }))
}
