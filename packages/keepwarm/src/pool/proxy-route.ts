/** Which proxy leads to an origin. */
import { ConfigError, type ConfigProblem } from '../errors.ts'
import { exemptions } from './proxy-exemptions.ts'
import { readProxy, type Proxy, type ProxyOptions } from './proxy.ts'

/** A proxy for all origins, or what the environment says. */
export type ProxyOption = 'environment' | (string & {}) | URL | ProxyOptions

/** The same answer for the same origin, always. */
export type ProxyRoute = (origin: URL) => Proxy | undefined

type Variables = Readonly<Record<string, string | undefined>>

/**
 * The route that an option says; without one, no proxy.
 * @throws ConfigError naming what is wrong, without credentials
 */
export function proxyRoute(option: ProxyOption | undefined, environment: Variables): ProxyRoute {
  if (option === undefined) return () => undefined
  const problems: ConfigProblem[] = []
  const route = option === 'environment' ? fromVariables(environment, problems) : always(option, problems)
  if (problems.length > 0) throw new ConfigError(problems)
  return route
}

function always(option: string | URL | ProxyOptions, problems: ConfigProblem[]): ProxyRoute {
  if (option === null || (typeof option !== 'string' && typeof option !== 'object')) {
    problems.push({ variable: 'proxy', received: String(option), expected: expectedOption })
    return () => undefined
  }
  const given = typeof option === 'string' || option instanceof URL ? { url: option } : option
  const proxy = readProxy('proxy', given, problems)
  return () => proxy
}

const expectedOption = 'a URL, { url, headers, connect } or "environment"'

/**
 * HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY. In lower case they count more, even when they are empty, which
 * means: no proxy.
 */
function fromVariables(environment: Variables, problems: ConfigProblem[]): ProxyRoute {
  const secure = firstSet(environment, ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'])
  const plain = firstSet(environment, ['http_proxy', ...upperHttp(environment), 'all_proxy', 'ALL_PROXY'])
  const none = firstSet(environment, ['no_proxy', 'NO_PROXY'])
  const exempt = exemptions(none?.variable ?? 'NO_PROXY', none?.value ?? '', problems)
  const proxies = { 'https:': variableProxy(secure, problems), 'http:': variableProxy(plain, problems) }
  return (origin) => {
    const proxy = proxies[origin.protocol as keyof typeof proxies]
    return proxy === undefined || exempt(origin) ? undefined : proxy
  }
}

/** In a CGI program whoever sends a request with a header `Proxy` sets HTTP_PROXY. */
function upperHttp({ REQUEST_METHOD }: Variables): readonly string[] {
  return REQUEST_METHOD === undefined ? ['HTTP_PROXY'] : []
}

interface Variable {
  readonly variable: string
  readonly value: string
}

function firstSet(environment: Variables, names: readonly string[]): Variable | undefined {
  const variable = names.find((name) => environment[name] !== undefined)
  return variable === undefined ? undefined : { variable, value: environment[variable]!.trim() }
}

/** Such variables are often written without a scheme. */
function variableProxy(given: Variable | undefined, problems: ConfigProblem[]): Proxy | undefined {
  if (given === undefined || given.value === '') return undefined
  const url = given.value.includes('://') ? given.value : `http://${given.value}`
  return readProxy(given.variable, { url }, problems)
}
