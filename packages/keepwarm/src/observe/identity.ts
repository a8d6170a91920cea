/** Numbers for objects of this process, from 1, each its own for as long as it lives. */

const ids = new WeakMap<object, number>()
let last = 0

export function idOf(object: object): number {
  let id = ids.get(object)
  if (id === undefined) ids.set(object, (id = ++last))
  return id
}
