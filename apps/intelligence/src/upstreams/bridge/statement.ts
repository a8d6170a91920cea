/**
 * From a query as clients write it to one SQLite statement with plain `?` parameters. Reads just enough SQL to tell
 * strings, names and comments from the rest; whether the statement makes sense is for SQLite to say. Pure.
 */

/** What is wrong with a query, in words for its author. */
export class InvalidQuery extends Error {}

export interface Statement {
  /** With `?` for every parameter and without a closing semicolon. */
  readonly sql: string
  /** For each `?` in order, which of the request's parameters goes there, counted from 0. */
  readonly order: readonly number[]
}

// One token: a quoted thing or comment (possibly unfinished), a number or word, a parameter, or a single character.
const token =
  /(?<quoted>'(?:[^']|'')*'?|"(?:[^"]|"")*"?|`(?:[^`]|``)*`?|\[[^\]]*\]?)|(?<comment>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<word>[\p{L}_][\p{L}\p{N}_$]*)|(?<cast>::)|(?<parameter>\$\d+|\?\d*)|(?<named>[$:@#][\p{L}_$]\w*\$?)|(?<end>;)|\s+|\d[\w.]*|[^]/gu

/**
 * Accepts PostgreSQL's `$1` (any order, repeatable) or `?`, not both.
 *
 * @example
 * translate('SELECT * FROM t WHERE a = $2 AND b = $1 OR c = $2;')
 * // { sql: 'SELECT * FROM t WHERE a = ? AND b = ? OR c = ?', order: [1, 0, 1] }
 */
export function translate(query: string): Statement {
  const styles = new Set<string>()
  const order: number[] = []
  let sql = ''
  for (const { text, isParameter } of onlyStatement(query)) {
    sql += isParameter ? '?' : text
    if (!isParameter) continue
    styles.add(text[0]!)
    if (styles.size > 1) throw new InvalidQuery('$1 and ? in one query: use one of the two')
    order.push(parameterIndex(text, order.length))
  }
  if (sql.trim() === '') throw new InvalidQuery('the query is empty')
  return { sql: sql.trim(), order }
}

/** The tokens of the one statement in a query, with a space for each comment; refuses a second statement. */
function* onlyStatement(query: string): Generator<{ text: string; isParameter: boolean }> {
  if (query.includes('\0')) throw new InvalidQuery('the query holds a NUL character')
  let ended = false
  for (const match of query.matchAll(token)) {
    const text = match[0]
    const { comment, quoted, cast, parameter, named, end } = match.groups!
    if (comment !== undefined || text.trim() === '') {
      yield { text: ' ', isParameter: false }
    } else if (end !== undefined) {
      ended = true
    } else {
      if (ended) throw new InvalidQuery('more than one statement: send one statement per request')
      if (cast !== undefined) throw new InvalidQuery('casts are written CAST(value AS type), not value::type')
      if (named !== undefined) throw new InvalidQuery(`named parameter ${named}: use $1, $2, … or ?`)
      if (quoted !== undefined) checkClosed(quoted)
      yield { text, isParameter: parameter !== undefined }
    }
  }
}

/** The values in the order of the statement's parameters; every value sent must be used, as in PostgreSQL. */
export function arrange<Value>(statement: Statement, values: readonly Value[]): Value[] {
  const wanted = statement.order.reduce((most, index) => Math.max(most, index + 1), 0)
  if (wanted !== values.length) {
    throw new InvalidQuery(`the query has ${wanted} parameters, but ${values.length} values came in "params"`)
  }
  return statement.order.map((index) => values[index]!)
}

function parameterIndex(parameter: string, position: number): number {
  if (parameter === '?') return position
  const number = Number(parameter.slice(1))
  if (number < 1 || number > 32766)
    throw new InvalidQuery(`parameter ${parameter}: they count from 1 to 32766`)
  return number - 1
}

function checkClosed(quoted: string): void {
  const open = quoted[0]!
  const close = open === '[' ? ']' : open
  const inside = quoted.slice(1)
  const closed = close === ']' ? inside.endsWith(']') : inside.endsWith(close) && oddQuotes(inside, close)
  if (!closed) throw new InvalidQuery(`a ${open} is never closed`)
}

/** Doubled quotes stand for one; an odd number at the end means that the last one closes. */
function oddQuotes(inside: string, quote: string): boolean {
  let count = 0
  for (let at = inside.length - 1; at >= 0 && inside[at] === quote; at--) count++
  return count % 2 === 1
}
