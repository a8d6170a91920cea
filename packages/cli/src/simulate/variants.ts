/** The settings that are tried, as a client takes them. */
import { ConfigError, HTTPClientConfig } from 'keepwarm'
import type { WhatIf } from 'keepwarm/testing'
import { CliError } from '../cli-error.ts'
import { prefixOf, type Variables } from '../config/prefixes.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Setting } from './parse-scenario.ts'

export interface Variant {
  readonly name: string
  readonly client: NonNullable<WhatIf['client']>
  /** What differs from the defaults, as the environment would say it. */
  readonly settings: Readonly<Record<string, string>>
}

export interface Chosen {
  readonly prefix: string
  readonly set: readonly Setting[]
  /** Besides, in the other variant; empty for none. */
  readonly versus: readonly Setting[]
}

/** What the first variant is called where nothing was set besides. */
export const asConfigured = 'as configured'

/** @throws CliError telling what is wrong with the settings */
export function variantsOf({ prefix: given, set, versus }: Chosen, variables: Variables): readonly Variant[] {
  const prefix = prefixOf(given, variables)
  const own = set.length === 0 ? asConfigured : named(set)
  const first = variant(own, prefix, variables, set)
  return versus.length === 0
    ? [first]
    : [first, variant(named(versus), prefix, variables, [...set, ...versus])]
}

function named(settings: readonly Setting[]): string {
  return settings.map(({ name, value }) => `${name}=${value}`).join(' ')
}

function variant(name: string, prefix: string, variables: Variables, settings: readonly Setting[]): Variant {
  const more = Object.fromEntries(settings.map(({ name: suffix, value }) => [`${prefix}_${suffix}`, value]))
  try {
    const config = new HTTPClientConfig({}, { prefix, variables: { ...variables, ...more } })
    return { name, client: clientOf(config), settings: textOf(config) }
  } catch (error) {
    if (error instanceof ConfigError) throw new CliError(error.message, exitCodes.config)
    throw error
  }
}

/** There is one upstream, and it is simulated: where the real ones are says nothing here. */
function clientOf(config: HTTPClientConfig): Variant['client'] {
  const { baseUrl: _, proxy: __, ...client } = config.toClientOptions()
  return client
}

function textOf({ differences }: HTTPClientConfig): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(differences).map(([name, { text }]) => [name, text]))
}
