/** The server that is measured: what the command line says of it, and how much it may be asked to bear. */
import { readFileSync } from 'node:fs'
import { InvalidArgumentError, type Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { httpUrl } from '../options/parse.ts'
import { header, type Headers } from './headers.ts'

/** How TLS is spoken with it. */
export interface Trust {
  readonly ca?: string
  readonly rejectUnauthorized?: false
}

/** @throws CliError saying what is allowed; without what came, which may hold a password */
export function targetUrl(given: unknown): URL {
  try {
    return httpUrl()(typeof given === 'string' ? given : '')
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw new CliError(`<url> cannot be used. ${error.message}`)
    throw error
  }
}

/** Whether it is this machine, by its name alone: what a DNS server says may be another one tomorrow. */
export function isThisMachine({ hostname }: URL): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

/** The URL without its query, which may hold secrets. */
export function shownUrl({ origin, pathname, search }: URL): string {
  return `${origin}${pathname}${search === '' ? '' : '?***'}`
}

/** The options of every command that calls a server. */
export function defineTarget(command: Command): Command {
  return command
    .option('-H, --header <name: value>', 'a header of every request; again for another', header)
    .option('--ca <file>', "a PEM file of the authorities that are trusted, in place of Node's own")
    .option('--insecure', 'believe any certificate')
}

export function headersOf(options: Readonly<Record<string, unknown>>): Headers {
  return (options['header'] as Headers | undefined) ?? {}
}

/** @throws CliError when the file of authorities cannot be read */
export function trustOf(options: Readonly<Record<string, unknown>>): Trust {
  const { ca: file, insecure } = options
  return {
    ...(typeof file === 'string' && { ca: readText('--ca', file) }),
    ...(insecure === true && { rejectUnauthorized: false as const }),
  }
}

/** @throws CliError naming the option and the file */
export function readText(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CliError(`${option} ${file} cannot be read: ${(cause as Error).message}`, undefined, { cause })
  }
}
