/** A status that the caller did not ask to see, as an error that says what the server said. */
import { HttpStatusError } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { factsOf } from '../exchange/facts.ts'
import { duration } from '../exchange/phases.ts'
import { whyNotAgain } from '../exchange/texts.ts'
import { diagnosisSentence } from '../observe/diagnosis/of-error.ts'
import { problemOf, type Problem } from '../problem.ts'
import { headerText, type Collected } from './collect.ts'
import { charsetOf, decodeText } from './decode/charset.ts'
import { excerpt } from './json.ts'

export function statusError(what: string, response: Collected, exchange: Exchange): HttpStatusError {
  const { status, headers, unread } = response
  const contentType = headerText(headers, 'content-type')
  const text = unread === undefined ? lenientText(response.body, contentType, what) : ''
  const body = parsedOrText(text)
  const { attempts } = exchange.ledger
  const tried = attempts.length > 1 ? ` on attempt ${attempts.length}` : ''
  const why = whyNotAgain(exchange)
  const wait = why.retryAfter === undefined ? '' : `, and asks to wait for ${duration(why.retryAfter)}`
  const said = unread === undefined ? (told(problemOf(contentType, body)) ?? excerpt(text)) : `(${unread})`
  // What is asked wrongly is not explained by how the service is.
  const isIll = status >= 500 || status === 429
  const diagnosis = isIll ? exchange.explain('status', 'body') : undefined
  const because = diagnosis === undefined ? '' : `; ${diagnosisSentence(diagnosis, undefined)}`
  const message = `${what} answered ${status}${tried}${wait}: ${said}${because}`
  const facts = { attempts, diagnosis, ...factsOf(exchange), ...why }
  return new HttpStatusError(message, { status, headers, body }, facts)
}

/** "Out of credit: your balance is 30" */
function told(problem: Problem | undefined): string | undefined {
  const said = [problem?.title, problem?.detail].filter((part) => part !== undefined && part !== '')
  return said.length === 0 ? undefined : said.map((part) => excerpt(part!)).join(': ')
}

/** The status counts more than a charset that nobody knows. */
function lenientText(body: Buffer, contentType: string | undefined, what: string): string {
  try {
    return decodeText(body, charsetOf(contentType), what)
  } catch {
    return body.toString('utf8')
  }
}

function parsedOrText(text: string): unknown {
  if (!/^\s*[{["\d]/.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
