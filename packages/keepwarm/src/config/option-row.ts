import type { Kinds } from './kinds.ts'

/** Everything about one option. Values are written as in the environment, but always with their unit. */
export interface OptionRow {
  /** The variable's name after the prefix. */
  readonly env: string
  /** A second variable that sets it, when the first is not there. */
  readonly alsoEnv?: string
  /** Where it stands among the options of a client: `retry.cap` is `new HttpClient({ retry: { cap } })`. */
  readonly option: string
  readonly kind: keyof Kinds
  readonly default?: string
  /** How the default reads where it depends on other options. */
  readonly defaultText?: string
  readonly min?: string
  readonly max?: string
  /** The words of a `choice`. */
  readonly choices?: readonly string[]
  /** Whether `none`, `off` or 0 switches the limit off, which is Infinity in code. */
  readonly off?: true
  /** The part that must not be shown. */
  readonly secret?: 'credentials in the URL'
  readonly text: string
}
