import { ConfigError, type ConfigProblem } from '../../errors.ts'
import { namesOf, optionProblems } from '../../known-options.ts'
import type { ResponseHeaders } from '../collect.ts'
import type { Query } from '../query.ts'

/** One page of several. */
export interface Page<T> {
  /** Parsed, and what the schema made of it. */
  readonly body: T
  readonly status: number
  readonly headers: ResponseHeaders
  /** From 1. */
  readonly number: number
}

/**
 * Where the next page is: a URL, or a path relative to this page (`?cursor=7`); or how its request differs from this
 * page's: names of the query, or another value to send as JSON. Nothing at the last page.
 */
export type NextPage = string | URL | { readonly query?: Query; readonly json?: unknown } | null | undefined

export interface PageOptions<T> {
  /** Default: the link with `rel="next"` in the Link header. */
  readonly next?: (page: Page<T>) => NextPage | Promise<NextPage>
  /** More pages than this are an error. Default 1,000. */
  readonly maxPages?: number
}

const names = namesOf<PageOptions<unknown>>({ next: true, maxPages: true })

/** @throws ConfigError naming every option that is wrong */
export function checkPageOptions(options: PageOptions<never> | undefined): void {
  if (options === undefined) return
  const problems: ConfigProblem[] = [...optionProblems(options, names, 'pages')]
  const { next, maxPages = 1 } = problems.length > 0 ? {} : options
  if (next !== undefined && typeof next !== 'function')
    problems.push({ variable: 'pages.next', received: `a ${typeof next}`, expected: 'a function' })
  if (!(maxPages >= 1))
    problems.push({ variable: 'pages.maxPages', received: String(maxPages), expected: 'a number from 1' })
  if (problems.length > 0) throw new ConfigError(problems)
}
