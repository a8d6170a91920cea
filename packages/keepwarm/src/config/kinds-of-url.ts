/** Kinds of values that are addresses, or parts of them. */
import type { Kind } from './kinds.ts'

/** Base URLs: one, or several that a comma and the next scheme part. */
export const urls: Kind<string | readonly string[]> = {
  inText: 'an http or https URL without a query, or several with commas between',
  inCode: 'an http or https URL without a query, or a list of them',
  fromText: (text) => oneOrMore(text.split(/\s*,\s*(?=https?:)/i)),
  fromCode: (value) => oneOrMore(Array.isArray(value) ? (value as readonly unknown[]) : [value]),
  toText: (value) => (typeof value === 'string' ? value : value.join(',')),
}

export const path: Kind<string> = {
  inText: 'a path that begins with /',
  inCode: 'a path that begins with /',
  fromText: readPath,
  fromCode: readPath,
  toText: String,
}

export const proxy: Kind<string> = {
  inText: 'the URL of an http, https or socks5 proxy, environment, or none',
  inCode: 'the URL of an http, https or socks5 proxy, environment, or none',
  fromText: readProxy,
  fromCode: (value) => (value instanceof URL ? readProxy(value.href) : readProxy(value)),
  toText: String,
}

/** A scheme, a host and perhaps a port; a star stands for all names below. */
const origin = /^https?:\/\/(\*\.)?[^\s/\\?#@*]+\/?$/i

export const origins: Kind<readonly string[]> = {
  inText: 'origins such as https://api.example.com or https://*.example.com, with commas between',
  inCode: 'a list of origins such as https://api.example.com or https://*.example.com',
  fromText: (text) => readOrigins(text.split(/\s*,\s*/)),
  fromCode: (value) => (Array.isArray(value) ? readOrigins(value as readonly unknown[]) : undefined),
  toText: (value) => value.join(','),
}

function readOrigins(given: readonly unknown[]): readonly string[] | undefined {
  const texts = given.map((each) => (each instanceof URL ? each.origin : each))
  const fits = texts.every((each) => typeof each === 'string' && origin.test(each))
  return fits && texts.length > 0 ? (texts as string[]) : undefined
}

function oneOrMore(given: readonly unknown[]): string | readonly string[] | undefined {
  const read = given.map((value) => (value instanceof URL ? readUrl(value.href) : readUrl(value)))
  if (read.length === 0 || read.includes(undefined)) return undefined
  return read.length === 1 ? read[0] : (read as string[])
}

function readUrl(value: unknown): string | undefined {
  const parsed = typeof value === 'string' ? URL.parse(value) : null
  if (parsed === null || typeof value !== 'string' || /[?#]/.test(value)) return undefined
  return parsed.protocol === 'http:' || parsed.protocol === 'https:' ? value : undefined
}

function readPath(value: unknown): string | undefined {
  return typeof value === 'string' && /^\/[!-~]*$/.test(value) ? value : undefined
}

function readProxy(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const word = value.toLowerCase()
  if (word === 'environment') return word
  if (word === 'none' || word === 'off') return 'none'
  const url = URL.parse(value)
  const known = url !== null && /^(https?|socks5h?):$/.test(url.protocol) && url.hostname !== ''
  return known && /^\/?$/.test(url.pathname) && !/[?#]/.test(value) ? value : undefined
}
