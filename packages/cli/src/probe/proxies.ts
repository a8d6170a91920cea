/** Proxies that the environment names; the probe goes past them. */

/** The variables that would apply to this URL, by name. */
export function proxiesIn(env: Readonly<Record<string, string | undefined>>, { protocol }: URL): string[] {
  const names = [protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY', 'ALL_PROXY']
  return names.filter((name) => (env[name] ?? env[name.toLowerCase()] ?? '') !== '')
}
