/**
 * How an error of ours is known, also by another copy of this library: two versions in one process, or one bundled and
 * one installed, have two classes of the same name. Each prototype names what its errors are.
 */
export type ErrorKind = 'KeepwarmError' | 'HttpStatusError' | 'ConfigError'

/** The same in every copy. */
const brand = Symbol.for('keepwarm.error')

/** Says what the errors of a class are. */
export function brandErrors(prototype: object, kinds: readonly ErrorKind[]): void {
  Object.defineProperty(prototype, brand, { value: kinds })
}

export function isBranded(value: unknown, kind: ErrorKind): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { [brand]: kinds } = value as { [brand]?: unknown }
  return Array.isArray(kinds) && kinds.includes(kind)
}

/**
 * `instanceof` for the classes that are branded themselves: an error of another copy counts. What extends them outside
 * of this library has no brand of its own, and is recognised as classes are.
 */
export function isInstance(of: { readonly prototype: object }, kind: ErrorKind, value: unknown): boolean {
  if (Object.hasOwn(of.prototype, brand)) return isBranded(value, kind)
  return Object.prototype.isPrototypeOf.call(of.prototype, value as object)
}
