/** Files of certificates and keys. */
import { readFileSync } from 'node:fs'
import type { OptionName } from './options-table.ts'
import { conflict } from './relations.ts'
import type { Scene } from './settled.ts'

/** What the files of certificates and keys hold. */
export interface Certificates {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** Reads the files, so that a path that leads nowhere is told at the start and not by the first dial. */
export function readCertificates(scene: Scene): Certificates {
  const { given, problems } = scene
  const read = (name: OptionName): string | undefined => {
    const found = given.get(name)
    if (found === undefined || typeof found.value !== 'string') return undefined
    const text = pemIn(found.value)
    if (!text.startsWith('!')) return text
    problems.push({
      ...conflict(name, found, `a PEM file that can be read: ${text.slice(1)}`),
      reason: 'not_allowed',
    })
    return undefined
  }
  const [ca, cert, key] = [read('caFile'), read('certFile'), read('keyFile')]
  needs(scene, 'keyFile', 'certFile', 'a certificate')
  needs(scene, 'certFile', 'keyFile', 'its key')
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  }
}

function needs({ given, problems }: Scene, name: OptionName, other: OptionName, what: string): void {
  const found = given.get(name)
  if (found !== undefined && !given.has(other))
    problems.push({ ...conflict(name, found, `${what} beside it, as ${other}`), reason: 'missing' })
}

function pemIn(path: string): string {
  try {
    const text = readFileSync(path, 'utf8')
    return text.includes('-----BEGIN ') ? text : '!nothing in it begins with -----BEGIN'
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    return `!${code}`
  }
}
