/** How the variables of a client begin, where it came from an environment: so that a suggestion can name one. */

const prefixes = new WeakMap<object, string>()

/** Returns the client. */
export function rememberEnvPrefix<Client extends object>(client: Client, prefix: string | undefined): Client {
  if (prefix !== undefined) prefixes.set(client, prefix)
  return client
}

export function envPrefixOf(client: object): string | undefined {
  return prefixes.get(client)
}
