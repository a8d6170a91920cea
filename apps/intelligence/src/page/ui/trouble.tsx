import type { JSX } from 'preact'
import { useCells } from '@keepwarm/dashboard/page/cell.ts'
import { LevelMark } from '@keepwarm/dashboard/page/ui/marks.tsx'
import { health, link } from '../store.ts'
import type { Health } from '../wire.ts'

/** What is missing while an upstream is away. */
const withoutIt: Readonly<Record<string, string>> = {
  ollama: 'New documents wait for it, and searches look for words alone.',
  langextract: 'Documents are found without their concepts and themes, which are made up for later.',
  bridge: 'Documents are found without their freshness, which is made up for later.',
  coordinator: 'Documents are found all the same; that they came together is told to it later.',
}

/** What keeps the service from doing everything, by name. */
export function Trouble(): JSX.Element {
  useCells(health, link)
  const upstreams = Object.entries(health.value?.upstreams ?? {}).filter(([, { healthy }]) => !healthy)
  const { phase, problem } = link.value
  return (
    <div class="trouble" role="status" aria-label="Trouble">
      {phase === 'lost' && (
        <p class="banner">
          <LevelMark level="warn" /> What is shown is old: {problem ?? 'the service does not answer'}. It is
          taken up where it stopped as soon as it can be.
        </p>
      )}
      {upstreams.map(([name, upstream]) => (
        <p key={name} class="banner">
          <LevelMark level="critical" />{' '}
          <span>
            <b>{name}</b> at {upstream.url} is down: {reasonOf(upstream)}.{' '}
            <span class="soft">{withoutIt[name]}</span>
          </span>
        </p>
      ))}
    </div>
  )
}

function reasonOf({ error, status, status_code }: Health['upstreams'][string]): string {
  if (typeof error === 'string') return error.replace(/\.$/, '')
  if (typeof status === 'string') return `it says that it is ${status}`
  return typeof status_code === 'number' ? `status ${status_code}` : 'it does not answer'
}
