/** The names of clients, and the variables that go with them. */
import { commonPrefix } from '../../config/given.ts'
import type { ConfigProblem } from '../../errors.ts'

/** What stands on the object that holds the clients, or would make it something else. */
const reserved: ReadonlySet<string> = new Set([
  ...['clients', 'defaults', 'groups', 'pool', 'file'],
  ...['close', 'update', 'snapshot', 'health', 'explain', 'settings', 'toJSON', 'then'],
  ...Object.getOwnPropertyNames(Object.prototype),
])

/** @example prefixOf('searchService') // 'SEARCH_SERVICE_HTTP_CLIENT' */
export function prefixOf(name: string): string {
  const snake = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll(/[^a-zA-Z0-9]+/g, '_')
  return `${snake.toUpperCase()}_${commonPrefix}`
}

/** Names that are taken, that no variable can have, or whose variables would be those of another client. */
export function nameProblems(names: readonly string[]): ConfigProblem[] {
  return names.flatMap((name, index) => {
    if (reserved.has(name)) return [wrong(name, 'another name: this one is taken')]
    if (!/^[A-Za-z][\w.-]*$/.test(name))
      return [wrong(name, 'a letter from a to z, then letters, digits, - . or _, such as search-service')]
    const prefix = prefixOf(name)
    const other = names.slice(0, index).find((each) => prefixOf(each) === prefix)
    if (other === undefined) return []
    return [wrong(name, `another name: clients.${other} has the variables ${prefix}_… already`)]
  })
}

function wrong(name: string, expected: string): ConfigProblem {
  return {
    variable: `clients.${name}`,
    received: JSON.stringify(name),
    expected,
    reason: 'conflict',
    client: name,
    source: 'code',
  }
}
