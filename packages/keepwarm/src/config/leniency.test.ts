import { expect, onTestFinished, test, vi } from 'vitest'
import { ConfigError, type ConfigProblem } from '../errors.ts'
import { HTTPClientConfig } from './http-client-config.ts'

const relaxed = { HTTP_CLIENT_CONFIG_STRICT: 'false' }

function read(variables: Record<string, string>): {
  config: HTTPClientConfig
  told: readonly ConfigProblem[]
} {
  const told: ConfigProblem[] = []
  const warn = (problems: readonly ConfigProblem[]): void => void told.push(...problems)
  return { config: new HTTPClientConfig({}, { prefix: 'A_HTTP_CLIENT', variables, warn }), told }
}

test('without strictness the defaults are in the place of what is wrong, and each is told', () => {
  const { config, told } = read({
    ...relaxed,
    HTTP_CLIENT_MAX_CONNECTIONS: 'many',
    A_HTTP_CLIENT_MAX_CONECTIONS: '5',
    HTTP_CLIENT_MAX_QUEUE: '9',
  })
  expect(config).toMatchObject({ maxConnections: 100, maxQueue: 9 })
  expect(told.map(({ variable }) => variable)).toEqual([
    'HTTP_CLIENT_MAX_CONNECTIONS',
    'A_HTTP_CLIENT_MAX_CONECTIONS',
  ])
  expect(config.warnings).toEqual(told)
})

test('of two that contradict each other the one that was to be bounded is left out', () => {
  const { config, told } = read({
    ...relaxed,
    HTTP_CLIENT_DEFAULT_TIMEOUT: '5',
    HTTP_CLIENT_CONNECT_TIMEOUT: '8',
  })
  expect(config).toMatchObject({ timeout: 5_000, connectTimeout: 5_000 })
  expect(told).toMatchObject([{ variable: 'HTTP_CLIENT_CONNECT_TIMEOUT', reason: 'conflict' }])
})

test('code is never let off', () => {
  const environment = { prefix: 'HTTP_CLIENT', variables: relaxed, warn: () => {} }
  expect(() => new HTTPClientConfig({ maxQueue: -1 }, environment)).toThrow(ConfigError)
})

test("a service's own word counts more, and a word that is none is an error", () => {
  const wrong = { HTTP_CLIENT_MAX_QUEUE: 'x' }
  expect(() => read({ ...relaxed, A_HTTP_CLIENT_CONFIG_STRICT: 'yes', ...wrong })).toThrow(ConfigError)
  expect(() => read({ HTTP_CLIENT_CONFIG_STRICT: 'flase' })).toThrow(/CONFIG_STRICT = "flase"[^]*=true/)
})

test('whoever does not listen gets a warning of the process', () => {
  const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  onTestFinished(() => emitted.mockRestore())
  HTTPClientConfig.fromEnv('HTTP_CLIENT', { ...relaxed, HTTP_CLIENT_MAX_QUEUE: 'x' })
  expect(emitted).toHaveBeenCalledExactlyOnceWith(
    'HTTP_CLIENT_MAX_QUEUE = "x" is left out: expected a whole number, from 0',
    expect.objectContaining({ code: 'KEEPWARM_CONFIG' }),
  )
})
