/** What options mean for each other beyond one being the bound of the other. */
import type { ConfigProblem } from '../errors.ts'
import { maskUrl } from './mask.ts'
import type { OptionName } from './options-table.ts'
import { conflict } from './relations.ts'
import { numberOf, valueOf, type Scene } from './settled.ts'

/** Defaults that follow what was given. The client knows them by itself. */
export function settleFollowers(scene: Scene): void {
  const { given, settled } = scene
  const follow = (name: OptionName, value: number | undefined, note: string): void => {
    if (!given.has(name) && value !== undefined) settled.set(name, { value, note })
  }
  if (given.has('baseUrl'))
    follow(
      'maxConnectionsPerOrigin',
      numberOf(scene, 'maxConnections'),
      'one base URL, so all of maxConnections',
    )
  if (given.has('timeout')) follow('headersTimeout', numberOf(scene, 'timeout'), 'as long as timeout')
  if (given.has('idleTimeout'))
    follow('maxIdleTimeout', numberOf(scene, 'idleTimeout'), 'as long as idleTimeout')
  const [base = 0, cap = Infinity] = [numberOf(scene, 'backoffBase'), numberOf(scene, 'backoffCap')]
  if (given.has('backoffBase') || given.has('backoffCap'))
    follow(
      'throttledBase',
      Math.min(10 * base, Math.max(cap, base)),
      'ten times backoffBase, within backoffCap',
    )
  const attempt = numberOf(scene, 'attemptTimeout') ?? 0
  if (2 * attempt > 10_000) follow('breakerWindow', 2 * attempt, 'twice attemptTimeout')
  const interval = numberOf(scene, 'healthInterval') ?? 0
  if (given.has('healthInterval')) follow('healthTimeout', interval / 2, 'half of healthInterval')
}

/** Everything that contradicts something else. */
export function checkTogether(scene: Scene): void {
  const { problems } = scene
  problems.push(...baseUrlProblems(scene))
  const attempt = numberOf(scene, 'attemptTimeout')
  const total = numberOf(scene, 'timeout')
  if (attempt !== undefined)
    atLeast(scene, 'breakerWindow', 2 * attempt, `at least twice attemptTimeout (${2 * attempt} ms)`)
  const all = total ?? Infinity
  below(scene, 'attemptFloor', all, `less than timeout (${all} ms), or no attempt would ever begin`)
  const longest = Math.min(attempt ?? Infinity, total ?? Infinity)
  below(scene, 'hedgeAfter', longest, `less than the time of an attempt (${longest} ms)`)
  const interval = numberOf(scene, 'healthInterval') ?? Infinity
  below(scene, 'healthTimeout', interval, `less than healthInterval (${interval} ms)`)
  if (
    valueOf(scene, 'timeout') === Infinity &&
    attempt === undefined &&
    (numberOf(scene, 'retries') ?? 0) > 0
  )
    refuse(
      scene,
      'retries',
      'no retries, or a timeout of the call or of an attempt: what hangs is never retried',
    )
  if (
    valueOf(scene, 'proxy') !== 'none' &&
    scene.given.has('proxy') &&
    numberOf(scene, 'maxConnectionsPerAddress') !== undefined
  )
    refuse(scene, 'maxConnectionsPerAddress', 'none, as there is a proxy, which chooses the address')
  if (
    valueOf(scene, 'privateAddresses') === 'refuse' &&
    scene.given.has('proxy') &&
    valueOf(scene, 'proxy') !== 'none'
  )
    refuse(scene, 'privateAddresses', 'allow, as there is a proxy, which looks names up by itself')
}

function refuse({ given, problems }: Scene, name: OptionName, expected: string): void {
  const found = given.get(name)
  if (found !== undefined) problems.push(conflict(name, found, expected))
}

function atLeast(scene: Scene, name: OptionName, least: number, expected: string): void {
  const value = numberOf(scene, name)
  if (scene.settled.get(name)?.unused !== true && value !== undefined && value < least)
    refuse(scene, name, expected)
}

function below(scene: Scene, name: OptionName, limit: number, expected: string): void {
  const value = numberOf(scene, name)
  if (scene.settled.get(name)?.unused !== true && value !== undefined && value >= limit)
    refuse(scene, name, expected)
}

/** Several base URLs are endpoints of one service: any of them may get a call, with its path and credentials. */
function baseUrlProblems(scene: Scene): ConfigProblem[] {
  const found = scene.given.get('baseUrl')
  const value = valueOf(scene, 'baseUrl')
  if (found === undefined || !Array.isArray(value)) return []
  const all = (value as readonly string[]).map((each) => new URL(each))
  const [first, ...others] = all
  const same = (key: 'pathname' | 'username' | 'password'): boolean =>
    others.every((url) => url[key] === first?.[key])
  const twice = all.find(({ origin }, index) => all.findIndex((url) => url.origin === origin) < index)
  const refused = (expected: string): ConfigProblem[] => [conflict('baseUrl', found, expected)]
  if (!same('pathname')) return refused('URLs with the same path: they are endpoints of one service')
  if (!same('username') || !same('password'))
    return refused('the same user name and password in all URLs: any of them may get them')
  return twice === undefined ? [] : refused(`each endpoint once, not ${maskUrl(twice.origin)} twice`)
}
