/** Between the services' snake_case and this code's camelCase. Only an object's own keys: what lies deeper is data. */

type Camel<Key> = Key extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : Key
export type CamelKeys<Value> = { [Key in keyof Value as Camel<Key>]: Value[Key] }

/** @example camelKeys({ workflow_id: '7' }).workflowId // '7' */
export function camelKeys<Value extends object>(value: Value): CamelKeys<Value> {
  return renamed(value, (key) =>
    key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
  ) as never
}

/** What is undefined is left out. @example snakeKeys({ nodeName: 'a' }) // { node_name: 'a' } */
export function snakeKeys(value: object): Record<string, unknown> {
  return renamed(value, (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
}

function renamed(value: object, rename: (key: string) => string): Record<string, unknown> {
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  return Object.fromEntries(entries.map(([key, one]) => [rename(key), one]))
}
