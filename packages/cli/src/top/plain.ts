/** The same for pipes: a table for each tick, or a line of JSON. */
import { headlineOf } from '@keepwarm/dashboard/state'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import type { Service } from '../service/service.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { Feed } from './feed.ts'
import { firstModel, sightOf, withMessage, type Choice, type Model, type Sight } from './model.ts'
import { plainText } from './plain-text.ts'

export interface PlainChoice extends Choice {
  /** One look, and no more. */
  readonly once: boolean
}

/** Runs until it is interrupted, its reader has gone, or it has had its one look. */
export async function watchPlain(
  service: Service,
  choice: PlainChoice,
  terminal: Terminal,
): Promise<ExitCode> {
  const over = new AbortController()
  const signal = AbortSignal.any([terminal.signal, over.signal])
  let model: Model = firstModel(choice)
  const feed = new Feed({
    service,
    link: () => model.link,
    changed: (link) => (model = { ...model, link }),
    came: (message) => {
      if (message.kind === 'problem') terminal.complain(message.text)
      model = withMessage(model, message)
      const sight = message.kind === 'tick' ? sightOf(model) : undefined
      if (sight === undefined || signal.aborted) return
      tell(sight, choice, terminal)
      if (choice.once) over.abort()
    },
    broke: (text, wait) => terminal.complain(`${text}; again in ${(wait / 1_000).toFixed(1)} s`),
    now: () => performance.now(),
    random: Math.random,
  })
  await feed.run(signal)
  return exitCodes.ok
}

function tell(sight: Sight, { once }: PlainChoice, terminal: Terminal): void {
  if (terminal.json) {
    if (once) terminal.outJson(sightJson(sight))
    else terminal.outJsonLine(sightJson(sight))
    return
  }
  for (const line of plainText(sight, terminal.width, terminal.paintOut)) terminal.out(line)
  if (!once) terminal.out()
}

/** A tick for a program. Durations in ms, shares of one, rates a second, over the last 30 s; null where nobody knows. */
function sightJson({ tick, rows }: Sight): object {
  const { snapshot, verdicts } = tick
  return {
    version: 1,
    at: snapshot.at,
    process: snapshot.process,
    level: headlineOf(tick, rows).level,
    verdicts,
    clients: rows.map(({ name, level, state, breaker, forced, places, figures, inFlight }) => ({
      ...{ name, level, state, breaker, forced, inFlight },
      connections: places,
      ...figures,
    })),
  }
}
