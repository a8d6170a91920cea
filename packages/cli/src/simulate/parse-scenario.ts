/** Readers for the words of a scenario. Nothing here needs the library: help is quick. */
import { InvalidArgumentError } from 'commander'
import type { WhatIfEvent } from 'keepwarm/testing'
import { nearest } from '../options/nearest.ts'
import { duration, number, share, wholeNumber } from '../options/parse.ts'

export const abandonedFates = ['finished', 'skipped', 'freed'] as const

/** One setting, as a variable without its prefix. */
export interface Setting {
  readonly name: string
  readonly value: string
}

export function readSetting(text: string): Setting {
  const [, name, value] = /^\s*([A-Z][A-Z0-9_]*)\s*=\s*(.*?)\s*$/.exec(text) ?? []
  if (name === undefined || value === undefined || value === '')
    throw new InvalidArgumentError('Allowed: a variable without its prefix, such as MAX_RETRIES=0.')
  return { name: name.replace(/^(?:[A-Z0-9_]+_)?HTTP_CLIENT_/, ''), value }
}

/** How long the upstream works on a request: what it is called, and its numbers in ms. */
export interface ServiceText {
  readonly kind: 'fixed' | 'exp' | 'lognormal' | 'bimodal'
  readonly times: readonly number[]
}

const many = { fixed: 1, exp: 1, lognormal: 2, bimodal: 1 } as const

export function readService(text: string): ServiceText {
  const [, word, rest] = /^(?:([a-z]+):)?(.+)$/.exec(text.trim()) ?? []
  const kind = (word ?? 'fixed') as ServiceText['kind']
  const parts = rest?.split(',') ?? []
  const times = parts.map((part) => quietly(() => duration()(part)))
  const [first, second] = times
  const isFine =
    Object.hasOwn(many, kind) &&
    times.length === many[kind] &&
    times.every((time) => time !== undefined) &&
    (kind === 'fixed' || first! > 0) &&
    (second === undefined || second >= first!)
  if (isFine) return { kind, times }
  throw new InvalidArgumentError(
    'Allowed: a fixed time such as 100ms, or by chance exp:100ms (mean), bimodal:100ms (mean), lognormal:80ms,400ms (median, and 99th percentile from it on).',
  )
}

const kinds: Readonly<Record<WhatIfEvent['kind'], readonly string[]>> = {
  outage: [],
  hang: [],
  slow: ['factor'],
  errors: ['share', 'status'],
}

const numbers: Readonly<Record<string, (text: string) => number>> = {
  factor: number({ min: 0.001 }),
  share: share(),
  status: wholeNumber({ min: 200, max: 599 }),
}

/** `slow@20s+10s,factor=5` */
export function readEvent(text: string): WhatIfEvent {
  const [, kind = '', at, lasts, rest = ''] =
    /^([a-z]+)@([^+,]+)\+([^,]+)((?:,[^,]+)*)$/i.exec(text.trim()) ?? []
  if (at === undefined || lasts === undefined)
    throw new InvalidArgumentError(
      'Allowed: what, when and for how long, such as hang@20s+10s or slow@20s+10s,factor=5.',
    )
  if (!Object.hasOwn(kinds, kind)) {
    const meant = nearest(kind, Object.keys(kinds))
    throw new InvalidArgumentError(
      `What may happen: ${Object.keys(kinds).join(', ')}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`,
    )
  }
  const when = { at: duration()(at), for: duration(1)(lasts) }
  const given = rest
    .split(',')
    .filter((part) => part !== '')
    .map((part) => readPart(part, kind as WhatIfEvent['kind']))
  if (kind === 'slow' && given.length === 0)
    throw new InvalidArgumentError('How slow? Such as slow@20s+10s,factor=5.')
  return { kind, ...when, ...Object.fromEntries(given) } as unknown as WhatIfEvent
}

function readPart(part: string, kind: WhatIfEvent['kind']): readonly [string, number] {
  const [name = '', value = ''] = part.split('=').map((each) => each.trim())
  const read = kinds[kind].includes(name) ? numbers[name] : undefined
  if (read !== undefined) return [name, read(value)]
  const allowed = kinds[kind].map((each) => `${each}=…`).join(', ') || 'nothing'
  throw new InvalidArgumentError(`What may stand behind ${kind}@…: ${allowed}.`)
}

function quietly<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
