/** What the environment says to every program, not to this library alone: proxies and certificates. */
import { maskUrl } from './mask.ts'

/** A variable of the process that has to do with connections, and what it does here. */
export interface Surrounding {
  readonly variable: string
  /** Without credentials. */
  readonly value: string
  readonly applies: boolean
  readonly note: string
}

const proxies = [
  ...['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY', 'no_proxy'],
  'NO_PROXY',
]

/**
 * @param settings what the client does about proxies and authorities.
 * @example surroundings(process.env, { proxy: 'none', caFile: undefined })
 */
export function surroundings(
  variables: Readonly<Record<string, string | undefined>>,
  settings: { readonly proxy: string | undefined; readonly caFile: string | undefined },
): readonly Surrounding[] {
  const set = (name: string): boolean => (variables[name] ?? '').trim() !== ''
  const isRead = settings.proxy === 'environment'
  const found = proxies.filter(set).map((variable) => {
    const upper = variable.toUpperCase()
    const lower = variable.toLowerCase()
    const hidden = variable === upper && variables[lower] !== undefined
    const note = hidden
      ? `${lower} counts more`
      : isRead
        ? 'proxy is environment'
        : 'proxy is not environment'
    return { variable, value: maskUrl(variables[variable] ?? ''), applies: isRead && !hidden, note }
  })
  return [...found, ...authorities(variables, settings.caFile, set)]
}

function authorities(
  variables: Readonly<Record<string, string | undefined>>,
  caFile: string | undefined,
  set: (name: string) => boolean,
): Surrounding[] {
  const replaced = caFile !== undefined
  const options = `${variables['NODE_OPTIONS'] ?? ''} ${process.execArgv.join(' ')}`
  const openssl = options.includes('--use-openssl-ca')
  const notes: readonly (readonly [string, boolean, string])[] = [
    ['NODE_EXTRA_CA_CERTS', true, "authorities besides Node's own, read when Node starts"],
    [
      'SSL_CERT_FILE',
      openssl,
      openssl ? "in place of Node's own" : 'Node reads it with --use-openssl-ca alone',
    ],
    [
      'SSL_CERT_DIR',
      openssl,
      openssl ? "in place of Node's own" : 'Node reads it with --use-openssl-ca alone',
    ],
  ]
  return notes
    .filter(([variable]) => set(variable))
    .map(([variable, does, note]) => ({
      variable,
      value: variables[variable] ?? '',
      applies: does && !replaced,
      note: replaced ? 'caFile is in its place' : note,
    }))
}
