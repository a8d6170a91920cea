/** `npm start -- --worker`: a process that indexes what others brought to the same database, and nothing else. */
import { startService, type Service } from '../app.ts'
import { SettingsError } from '../config/problems.ts'
import { readSettings, type Environment } from '../config/settings.ts'
import { shownClients } from '../routes/context.ts'
import { exitCodes } from './exit-codes.ts'
import { clientReports } from './report.ts'
import type { Screen } from './screen.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

/** Milliseconds between two reports to whoever started it. */
const REPORT_EVERY = 1_000
/** Milliseconds for what is under way, when it is told to stop and when whoever started it is gone. */
const TIME_TO_FINISH = { told: 10_000, left: 1_000 }

/** Resolves with the exit code when it was told to stop: by a signal, or by the process that started it. */
export async function runWorker(env: Environment, screen: Screen, stop: AbortSignal): Promise<number> {
  const settings = readSettings(env)
  if (settings.database === undefined) throw new SettingsError([withoutServer])
  await using service = await startService({ settings, standIns: 'thread' })
  const name = service.process?.name ?? settings.database.processName
  if (process.send === undefined) screen.err(`${name} works on what is in the database, until Ctrl-C`)
  const timeout = await workUntilStopped(service, name, stop)
  await service.drain({ timeout })
  tellFigures(service)
  await service.close()
  // The line to whoever started it would keep it alive.
  if (process.connected) process.disconnect?.()
  return exitCodes.ok
}

const withoutServer = {
  variable: 'DATABASE_URL',
  received: '(not set)',
  expected: 'the PostgreSQL server whose documents --worker shall index',
  fix: 'DATABASE_URL=postgres://localhost/intelligence',
}

/** @returns how long what is under way may take */
async function workUntilStopped(service: Service, name: string, stop: AbortSignal): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const onMessage = (message: ToWorker): void => {
    if (message === 'stop') resolve(TIME_TO_FINISH.told)
    else tellFigures(service)
  }
  const onSignal = (): void => resolve(TIME_TO_FINISH.told)
  const onLeft = (): void => resolve(TIME_TO_FINISH.left)
  const report = setInterval(() => tellFigures(service), REPORT_EVERY).unref()
  process.on('message', onMessage).on('disconnect', onLeft)
  stop.addEventListener('abort', onSignal, { once: true })
  if (stop.aborted) onSignal()
  say({ type: 'ready', name })
  try {
    return await promise
  } finally {
    clearInterval(report)
    process.off('message', onMessage).off('disconnect', onLeft)
  }
}

function tellFigures({ context }: Service): void {
  say({ type: 'figures', clients: clientReports(shownClients(context)) })
}

/** Nobody may be there to hear it. */
function say(message: FromWorker): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}
