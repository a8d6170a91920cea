/** What is said when the service has started: where it is, what it works with, and which of it does not answer. */
import type { Service } from '../app.ts'
import { shownUrl } from '../config/problems.ts'
import { exitCodes, JobError } from './exit-codes.ts'
import type { Screen } from './screen.ts'

export function announce(service: Service, portGiven: boolean, screen: Screen): void {
  const { url, listening, data, context } = service
  const { paintErr: paint } = screen
  screen.err(
    `${paint('bold', 'Intelligence service')} at ${paint('cyan', url)}, on Node ${process.versions.node}`,
  )
  if (listening.taken !== undefined && !portGiven) {
    const other = `port ${listening.taken} is in use, so it listens on ${listening.port}; PORT chooses another`
    screen.err(`  ${paint('yellow', other)}`)
  }
  for (const { name, url, standIn } of context.upstreams) {
    const what = standIn === undefined ? '' : paint('dim', '  built-in stand-in: rules, no model')
    screen.err(`  ${name.padEnd(12)} ${url}${what}`)
  }
  const kept = data.temporary ? paint('dim', 'temporary, removed at the end; DATA_DIR keeps it') : data.path
  screen.err(
    `  ${'data'.padEnd(12)} ${context.store.kind === 'postgres' ? 'on the PostgreSQL server of DATABASE_URL' : kept}`,
  )
}

/** Upstreams that were given and do not answer. Without any of them there is no use in going on. */
export async function warnOfUpstreams(
  service: Service,
  searchUrl: string | undefined,
  screen: Screen,
): Promise<void> {
  const [{ upstreams }, search] = await Promise.all([service.health(), unansweredSearch(service, searchUrl)])
  const given = service.context.upstreams.filter(({ standIn }) => standIn === undefined)
  const unwell = given.filter(({ name }) => !upstreams[name].healthy)
  const lines = unwell.map(({ name, url }) => {
    const health = upstreams[name]
    return `${name} at ${url} is not well: ${health.error ?? health.status ?? `status ${health.status_code}`}`
  })
  if (search !== undefined) lines.push(search)
  if (lines.length === 0) return
  if (lines.length === given.length + (searchUrl === undefined ? 0 : 1)) {
    const help = 'Start what is missing, correct the URL, or unset it to use the built-in stand-in.'
    throw new JobError(exitCodes.unreachable, [...lines, help].join('\n'))
  }
  for (const line of lines) screen.err(screen.paintErr('yellow', `  ${line}; going on without it`))
}

/** A search service elsewhere need not have a health of its own, but it has to answer. */
async function unansweredSearch(service: Service, url: string | undefined): Promise<string | undefined> {
  if (url === undefined) return undefined
  const health = await service.context.clients.shared.checkHealth()
  if (health.status_code !== undefined) return undefined
  return `the search service at ${shownUrl(url)} does not answer: ${health.error ?? 'no reason given'}`
}
