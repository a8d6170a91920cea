/** The process that is profiled while it sends requests. */
import { Session } from 'node:inspector/promises'
import { cpuArms } from './cpu-arms.ts'
import { parts, sharesOf, type Part, type ProfileSample, type ProfileSettings } from './profile-parts.ts'
import { answerQuestions, settingsOf } from './program.ts'
import { share } from './share.ts'

const SAMPLED_EVERY = 100 // µs

const { origin, arm, connections, requests } = settingsOf<ProfileSettings>()
const getter = cpuArms[arm](origin, connections)

answerQuestions('ready', profile)

async function profile(): Promise<ProfileSample> {
  const get = (): Promise<unknown> => getter.get()
  await share(Math.ceil(requests / 4), connections, get)
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLED_EVERY })
  await session.post('Profiler.start')
  const before = process.cpuUsage()
  await share(requests, connections, get)
  const { user, system } = process.cpuUsage(before)
  const { profile: taken } = await session.post('Profiler.stop')
  session.disconnect()
  const shares = sharesOf(taken)
  const each = (user + system) / requests
  return Object.fromEntries(parts.map((part) => [part, shares[part] * each])) as Record<Part, number>
}
