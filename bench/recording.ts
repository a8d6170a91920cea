/**
 * What it costs that a client counts what it does, while nobody looks: CPU time of a call, and memory of a client.
 *
 *     npm run bench -- recording
 *     npm run bench -- recording --processes 5
 *     npm run bench -- recording --json
 *
 * The recorder alone writes down calls that never were. Whole calls are made in turns by a client that counts and by one
 * whose recorder does nothing, in one process.
 */
import { count, environment, estimate, figure, interval, median, medians } from '@keepwarm/cli/measuring'
import { Program } from './support/program.ts'
import type {
  RecordingArm,
  RecordingQuestion,
  RecordingSettings,
  RecordingWeight,
} from './support/recording-program.ts'
import { print } from './support/report.ts'
import type { RecordingResult } from './support/recording-words.ts'
import { interleave } from './support/rounds.ts'
import { readSettings } from './support/settings.ts'

/** At most so much CPU time of a call, in µs. */
const ALLOWED = 1

const many = { least: 1, most: 10_000_000 }
const settings = readSettings('recording', {
  calls: {
    ...many,
    usual: 1_000_000,
    quick: 2_000,
    meaning: 'calls that the recorder alone writes down in a round',
  },
  connections: { ...many, usual: 50, quick: 4, most: 5_000, meaning: 'connections, and as many callers' },
  requests: { ...many, usual: 20_000, quick: 200, meaning: 'whole calls of one run' },
  rounds: { ...many, usual: 12, quick: 2, meaning: 'how often each arm runs in a process, after a warm-up' },
  processes: { ...many, usual: 3, quick: 1, most: 100, meaning: 'how many fresh processes repeat it' },
  clients: { ...many, usual: 200, quick: 3, most: 1_000, meaning: 'clients that are weighed' },
})

const facts = environment()
const result = await measure()
print(
  {
    benchmark: 'recording',
    environment: facts,
    settings: { ...settings, protocol: 'HTTP/1.1, loopback', loop: 'closed' },
    results: [result],
    method:
      `The recorder alone: ${settings.calls.toLocaleString('en-US')} calls of one attempt a round, each at a moment of the ` +
      `real clock. Whole calls: ${settings.connections} callers on as many warm connections, ` +
      `${settings.requests.toLocaleString('en-US')} requests a run, in turns with and without a recorder. ` +
      `${medians(settings.rounds * settings.processes, `${count(settings.rounds, 'round')} in each of ${count(settings.processes, 'process', 'processes')}`)}. ` +
      "CPU time is user and system time of the whole process, garbage collection included. Memory is V8's heap and what is " +
      `outside of it that belongs to its objects: the mean of ${count(settings.clients, 'client')}, after collections.`,
    tables: [
      {
        title: 'CPU time of a call',
        header: ['What', 'CPU, µs'],
        rows: [
          ['the recorder alone', interval(result.recorder_us_per_call)],
          ['client.get().text()', interval(result.recorded_us_per_call)],
          ['client.get().text(), nothing recorded', interval(result.unrecorded_us_per_call)],
        ],
      },
      {
        title: 'Memory of a client, kB',
        header: ['When', 'kB'],
        rows: [
          ['what its first call adds', figure(result.weight.firstCall / 1_000)],
          ['what its history adds when a second is over', figure(result.weight.history / 1_000)],
          ['both, as the process grows (native histograms too)', figure(result.weight.resident / 1_000)],
        ],
      },
    ],
    findings: findings(result),
  },
  settings,
)

async function measure(): Promise<RecordingResult> {
  const alone: number[] = []
  const whole: Record<RecordingArm, number[]> = { recorded: [], unrecorded: [] }
  let weight: RecordingWeight | undefined
  for (let number = 1; number <= settings.processes; number++) {
    await using server = await Program.start('small-server-program.ts', null)
    const { connections, requests, calls, clients } = settings
    const given: RecordingSettings = { origin: server.ready as string, connections, requests, calls, clients }
    await using program = await Program.start('recording-program.ts', given)
    const ask = <Answer>(question: RecordingQuestion): Promise<Answer> => program.ask<Answer>(question)
    const arms = ['alone', 'recorded', 'unrecorded'] as const
    const name = `process ${number} of ${settings.processes}`
    const samples = await interleave(name, arms, settings.rounds, (arm) => ask<number>(arm))
    alone.push(...samples.alone)
    whole.recorded.push(...samples.recorded)
    whole.unrecorded.push(...samples.unrecorded)
    weight = await ask<RecordingWeight>('weigh')
  }
  const differences = whole.recorded.map((one, round) => one - whole.unrecorded[round]!)
  return {
    recorder_us_per_call: estimate(alone),
    recorded_us_per_call: estimate(whole.recorded),
    unrecorded_us_per_call: estimate(whole.unrecorded),
    difference_us: {
      median: median(differences),
      least: Math.min(...differences),
      most: Math.max(...differences),
    },
    weight: weight!,
  }
}

function findings({ recorder_us_per_call: alone, difference_us, weight }: RecordingResult): string[] {
  const { median: middle, least, most } = difference_us
  const verdict = alone.upper <= ALLOWED ? 'within' : 'beyond'
  return [
    `Whole calls with a recorder and without differ by ${middle.toFixed(2)} µs (${least.toFixed(1)} to ${most.toFixed(1)} by round).`,
    `A client's figures and history take ${figure((weight.firstCall + weight.history) / 1_000)} kB at most; the process grows by ${figure(weight.resident / 1_000)} kB at first, while most of the history is not written.`,
    `To write down a call costs ${figure(alone.median)} µs of CPU time, ${verdict} the ${ALLOWED} µs that is allowed.`,
  ]
}
