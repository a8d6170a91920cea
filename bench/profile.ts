/**
 * Where the CPU time of a call goes: the kernel, Node, undici, and keepwarm room by room, by a sampling profile.
 *
 *     npm run bench -- profile
 *     npm run bench -- profile --json
 *
 * The arms are those of `cpu`, each in a process of its own with a server of its own. A profile says what share of the time
 * is whose; the microseconds are that share of the CPU time that the process took while it was sampled.
 */
import { count, environment, figure, median } from '@keepwarm/cli/measuring'
import { cpuArms, type CpuArm } from './support/cpu-arms.ts'
import { parts, type Part, type ProfileSample, type ProfileSettings } from './support/profile-parts.ts'
import { Program } from './support/program.ts'
import { print } from './support/report.ts'
import { interleave } from './support/rounds.ts'
import { readSettings } from './support/settings.ts'

const many = { least: 1, most: 1_000_000 }
const settings = readSettings('profile', {
  connections: { ...many, usual: 50, quick: 4, most: 5_000, meaning: 'connections, and as many callers' },
  requests: { ...many, usual: 100_000, quick: 1_000, meaning: 'requests of one run' },
  rounds: {
    ...many,
    usual: 4,
    quick: 1,
    most: 100,
    meaning: 'runs of each arm, in fresh processes, after a warm-up',
  },
})

const arms = [
  'undici Pool.dispatch',
  'keepwarm ConnectionPool.dispatch',
  'keepwarm client.get().text()',
] as const
const facts = environment()
const samples = await interleave('profile', arms, settings.rounds, take)
const results = arms.map((arm) => ({ arm, cpu_us_per_request: costs(samples[arm]) }))
print(
  {
    benchmark: 'profile',
    environment: facts,
    settings: { ...settings, protocol: 'HTTP/1.1, loopback', loop: 'closed' },
    results,
    method:
      `${settings.connections} callers on as many warm connections, ${settings.requests.toLocaleString('en-US')} requests a run, ` +
      `sampled every 100 µs. Medians of ${count(settings.rounds, 'run')} of each arm in fresh processes, in turns. Sampling itself costs ` +
      'time, so that the sum is more than `cpu` says.',
    tables: [
      {
        title: 'CPU time of a request, µs',
        header: ['Whose', ...arms],
        rows: [...parts, 'sum' as const].map((part) => [
          part,
          ...results.map(({ cpu_us_per_request: of }) => figure(part === 'sum' ? sum(of) : of[part])),
        ]),
      },
    ],
    findings: findings(),
  },
  settings,
)

async function take(arm: CpuArm): Promise<ProfileSample> {
  if (!Object.hasOwn(cpuArms, arm)) throw new Error(`there is no arm "${arm}"`)
  await using server = await Program.start('small-server-program.ts', null)
  const { connections, requests } = settings
  const given: ProfileSettings = { origin: server.ready as string, arm, connections, requests }
  await using program = await Program.start('profile-program.ts', given)
  return await program.ask<ProfileSample>('profile')
}

function costs(all: readonly ProfileSample[]): Record<Part, number> {
  const of = (part: Part): number => median(all.map((sample) => sample[part]))
  return Object.fromEntries(parts.map((part) => [part, of(part)])) as Record<Part, number>
}

function sum(of: Record<Part, number>): number {
  return parts.reduce((total, part) => total + of[part], 0)
}

function findings(): string[] {
  const call = results.at(-1)!.cpu_us_per_request
  const own = parts
    .filter((part) => part.startsWith('keepwarm'))
    .reduce((total, part) => total + call[part], 0)
  return [
    `Of ${figure(sum(call))} µs of a whole call ${figure(call['the kernel: writes'])} are spent in the kernel's write, ` +
      `${figure(call.undici)} in undici, ${figure(own)} in keepwarm.`,
  ]
}
