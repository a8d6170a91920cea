/** `keepwarm top`. */
import { CliError } from '../cli-error.ts'
import type { Invocation } from '../command.ts'
import type { ExitCode } from '../exit-codes.ts'
import { isSnapshot } from '../service/snapshot.ts'
import { tokenVariable, type ServiceOptions } from '../service/options.ts'
import { Service } from '../service/service.ts'
import { isLive, type Terminal } from '../terminal/terminal.ts'
import { watchLive } from './live.ts'
import { watchPlain } from './plain.ts'
import type { SortName } from './sorts.ts'

interface Options extends ServiceOptions {
  readonly once?: boolean
  /** Milliseconds. */
  readonly every: number
  readonly sort: SortName
  readonly client?: string
  readonly process?: string
}

export async function runTop({ args, options: given }: Invocation, terminal: Terminal): Promise<ExitCode> {
  const options = given as unknown as Options
  const url = args[0] as URL
  const { env, stdin, stdout } = terminal.surroundings
  const { token = env[tokenVariable], timeout, once = false, sort, client, process: view = '' } = options
  const every = options.every / 1_000
  // What a service can be asked for.
  if (!Number.isInteger(every) || every > 60)
    throw new CliError(`--every ${every}s: allowed are whole seconds up to 60s, such as 5s`)
  await using service = new Service({ url, token, timeout })
  // Finds out where it is, and whether it may be looked at, before the terminal is taken over.
  await service.ask('snapshot.json', isSnapshot, terminal.signal)
  const choice = { sort, client, every, view }
  const isScreen = !once && !terminal.json && isLive(stdout, env) && stdin.isTTY === true
  if (isScreen) return await watchLive(service, choice, terminal)
  return await watchPlain(service, { ...choice, once }, terminal)
}
