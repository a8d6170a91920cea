/**
 * Every option that an environment can set, one row each. The types, the parsing, the defaults, the checks, what
 * `explain()` prints and the table in docs/configuration.md all come from here.
 */
import type { Kind, Kinds } from './kinds.ts'
import type { OptionRow } from './option-row.ts'
import { connectionRows } from './rows-connections.ts'
import { guardRows } from './rows-guards.ts'
import { retryRows } from './rows-retry.ts'
import { serviceRows } from './rows-service.ts'
import { timeRows } from './rows-time.ts'

type Table = typeof connectionRows &
  typeof timeRows &
  typeof retryRows &
  typeof guardRows &
  typeof serviceRows

/** The rows by what they are about, in the order in which people are shown them. */
export const optionGroups: Readonly<Record<string, Readonly<Record<string, OptionRow>>>> = {
  'Connections and waiting': connectionRows,
  Time: timeRows,
  Retries: retryRows,
  'Breaker, hedging and limiter': guardRows,
  'The service, its health, proxies and TLS': serviceRows,
}

/** The name of an option in a configuration. */
export type OptionName = keyof Table

type Row<Name extends OptionName> = Table[Name]
type ValueOf<Name extends OptionName> =
  Row<Name> extends { readonly choices: readonly (infer Choice)[] }
    ? Choice
    : Kinds[Row<Name>['kind']] extends Kind<infer Value>
      ? Value
      : never

/**
 * The value of every option, defaults filled in. Durations are milliseconds, sizes bytes; Infinity is a limit that is
 * switched off.
 */
export type OptionValues = {
  readonly [Name in OptionName]: Row<Name> extends { readonly default: string }
    ? ValueOf<Name>
    : ValueOf<Name> | undefined
}

/** How code may write a value besides giving it, by its kind. */
interface AlsoWritten {
  readonly duration: string
  readonly size: string
  readonly moment: string
  readonly urls: URL | readonly (string | URL)[]
  readonly proxy: URL
  readonly origins: readonly (string | URL)[]
  readonly statuses: Iterable<number>
}

/** What code may give for an option: its value, or for durations, sizes and URLs also other ways to write it. */
export type OptionInput<Name extends OptionName> =
  | ValueOf<Name>
  | (Row<Name>['kind'] extends keyof AlsoWritten ? AlsoWritten[Row<Name>['kind']] : never)
  | (Row<Name> extends { readonly off: true } ? 'none' : never)

export const optionsTable: Readonly<Record<OptionName, OptionRow>> = {
  ...connectionRows,
  ...timeRows,
  ...retryRows,
  ...guardRows,
  ...serviceRows,
}

/** The table as a list. */
export const optionRows: readonly (readonly [OptionName, OptionRow])[] = Object.entries(optionsTable) as [
  OptionName,
  OptionRow,
][]
