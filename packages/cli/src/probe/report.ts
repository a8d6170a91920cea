/** How a probe is told: a line for each thing, and a block of settings at the end. */
import { shownHeaders } from '../target/headers.ts'
import { shownUrl } from '../target/target.ts'
import type { Certificate } from './certificate.ts'
import type { Findings } from './findings.ts'
import { agree } from './idle-verdict.ts'
import type { Recommendation } from './recommend.ts'
import type { ProbePlan } from './target.ts'
import { milliseconds } from './words.ts'

export interface Line {
  readonly what: string
  readonly text: string
  /** Something that somebody should look at. */
  readonly warning?: boolean
}

/** Fewer days than this, and somebody should look at the certificate. */
const FEW_DAYS = 21

export function titleOf({ url }: ProbePlan, { protocol, certificate, addresses }: Findings): string {
  const spoken = protocol === 'h2' ? 'HTTP/2 by ALPN' : 'HTTP/1.1'
  const many = addresses.all.length
  const where = many === 1 ? addresses.all[0]! : `${many} addresses, probed ${addresses.all[0]}`
  return [shownUrl(url), spoken, ...(certificate === undefined ? [] : [certificate.tls]), where].join(' · ')
}

export function linesOf(findings: Findings, proxies: readonly string[]): Line[] {
  return [
    ...dialLines(findings),
    ...(findings.certificate === undefined ? [] : [certificateLine(findings.certificate)]),
    idleLine(findings),
    ...limitLines(findings),
    ...raceLines(findings),
    ...(findings.maxStreams === undefined
      ? []
      : [{ what: 'Streams', text: `${findings.maxStreams} at once on a session` }]),
    {
      what: 'Methods',
      text: Object.entries(findings.methods)
        .map(([method, answer]) => `${method} ${answer}`)
        .join(' · '),
    },
    ...proxyLines(proxies),
  ]
}

function dialLines({ handshake, addresses }: Findings): Line[] {
  const { tcp, tls, resumed } = handshake
  const parts = [
    ...(addresses.dns === undefined ? [] : [`DNS ${milliseconds(addresses.dns)}`]),
    `TCP ${milliseconds(tcp)}`,
    ...(tls === undefined
      ? []
      : [
          `TLS ${milliseconds(tls)}, ${resumed === undefined ? 'never resumed' : `resumed ${milliseconds(resumed)}`}`,
        ]),
  ]
  return [
    { what: 'Dial', text: parts.join(' · ') },
    { what: 'First byte', text: firstByteWords(handshake) },
  ]
}

function firstByteWords({ tcp, tls = 0, firstByte: { cold, warm } }: Findings['handshake']): string {
  if (warm === undefined) return milliseconds(cold)
  const dial = tcp + tls
  const share = Math.round((100 * dial) / (dial + warm))
  return `${milliseconds(cold)} on a new connection, ${milliseconds(warm)} on a warm one; a dial is ${share} % of a short request`
}

export function certificateLine({ subject, issuer, chain, validTo, daysLeft, problem }: Certificate): Line {
  const until =
    daysLeft < 0 ? `over since ${validTo}` : `until ${validTo} (${daysLeft.toLocaleString('en-US')} days)`
  const trust = problem === undefined ? '' : ` · not trusted: ${problem}`
  const text = `${subject}, by ${issuer} · ${chain} in the chain · ${until}${trust}`
  return { what: 'Certificate', text, warning: daysLeft < FEW_DAYS || problem !== undefined }
}

const ends = { fin: 'FIN', rst: 'RST', goaway: 'GOAWAY' } as const

function idleLine(findings: Findings): Line {
  const { idle } = findings
  const said = hintWords(findings)
  switch (idle.kind) {
    case 'closed': {
      const range = agree(idle) ? '' : `, another after ${milliseconds(idle.most)}`
      const bytes = idle.unasked ? ' after bytes that nobody asked for' : ''
      const text = `closed after ${milliseconds(idle.after)} of rest${range}, by ${ends[idle.by]}${bytes} (${idle.seen} of 2 seen)${said.text}`
      return { what: 'Idle', text, warning: said.wrong || !agree(idle) }
    }
    case 'forgotten': {
      const text = `answered after ${milliseconds(idle.answeredAfter)} of rest, lost without a word after ${milliseconds(idle.lostAfter)}${said.text}`
      return { what: 'Idle', text, warning: true }
    }
    case 'kept':
      return {
        what: 'Idle',
        text: `still open, and answered, after ${milliseconds(idle.answeredAfter)} of rest${said.text}`,
      }
    case 'never':
      return {
        what: 'Idle',
        text: 'the server ends each connection after one answer: nothing can be kept',
        warning: true,
      }
    default:
      return { what: 'Idle', text: 'not found out' }
  }
}

function hintWords({ hint, idle }: Findings): { readonly text: string; readonly wrong: boolean } {
  if (hint.timeout === undefined) return { text: '; no hint', wrong: false }
  const promised = hint.timeout * 1_000
  const wrong = idle.kind === 'closed' && promised > idle.after + 500
  return {
    text: `; Keep-Alive: timeout=${hint.timeout}${wrong ? ', which is more than it keeps' : ''}`,
    wrong,
  }
}

function limitLines({ limit, hint }: Findings): Line[] {
  if (limit === undefined) return []
  const said = hint.max === undefined ? '' : `; Keep-Alive: max=${hint.max}`
  if (!limit.reached)
    return [{ what: 'Requests', text: `${limit.answered} on one connection, and no end${said}` }]
  const differs =
    limit.again !== undefined && limit.again !== limit.answered ? ` (${limit.again} on another)` : ''
  const how =
    limit.by === 'connection: close'
      ? 'then connection: close'
      : `then ${ends[limit.by ?? 'fin']} without a word`
  const text = `${limit.answered} on one connection${differs}, ${how}${said}`
  return [{ what: 'Requests', text, warning: limit.by !== 'connection: close' }]
}

function raceLines({ race }: Findings): Line[] {
  if (race === undefined) return []
  const sent = race.answered + race.lost
  if (sent === 0) return [{ what: 'Race', text: 'not met: all connections had ended before the requests' }]
  const text = `${race.lost} of ${sent} requests lost that went out in the last ${race.within} ms before the end`
  return [{ what: 'Race', text, warning: race.lost > 0 }]
}

function proxyLines(proxies: readonly string[]): Line[] {
  if (proxies.length === 0) return []
  return [
    {
      what: 'Proxy',
      text: `none used, though ${proxies.join(' and ')} is set: the server itself was probed`,
      warning: true,
    },
  ]
}

export function jsonOf(
  plan: ProbePlan,
  findings: Findings,
  recommendations: readonly Recommendation[],
  more: { readonly env: string; readonly proxies: readonly string[]; readonly interrupted: boolean },
): object {
  const { reply, ...others } = findings
  return {
    schema: 'keepwarm-cli-probe/1',
    url: shownUrl(plan.url),
    headers: shownHeaders(plan.headers),
    settings: { maxIdle: plan.maxIdle, maxRequests: plan.maxRequests, timeout: plan.timeout },
    httpVersion: reply.version,
    ...others,
    ...more,
    recommendations,
  }
}
