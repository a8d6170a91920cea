/** The other options of fetch, and what it takes as a URL. The server answers `hello`. */
import { request, to, type Case } from './fetch-case.ts'

const options: Readonly<Record<string, object>> = {
  ...each('redirect', ['follow', 'error', 'manual', 'never', null]),
  ...each('cache', ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached', 'some']),
  ...each('credentials', ['omit', 'same-origin', 'include', 'some']),
  ...each('mode', ['cors', 'same-origin', 'no-cors', 'navigate', 'some']),
  ...each('keepalive', [true, false]),
  ...each('referrer', ['', 'about:client', 'no URL\\']),
  ...each('referrerPolicy', ['', 'no-referrer', 'origin', 'unsafe-url', 'some']),
  ...each('integrity', [
    '',
    'sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=',
    'sha256-AAAAul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=',
  ]),
  ...each('signal', [null, 'a', {}]),
  ...each('window', [null, 'x']),
  ...each('duplex', ['half', 'full']),
  ...each('priority', ['high', 'low', 'auto', 'some']),
  'an option that nobody knows': { retries: 3, agent: {} },
}

function each(option: string, values: readonly unknown[]): Record<string, object> {
  return Object.fromEntries(
    values.map((value) => [`${option} ${JSON.stringify(value)}`, { [option]: value }]),
  )
}

const paths = [
  '',
  '/',
  '/a/../b',
  '/a?b=c',
  '/a?',
  '/?a=b?c',
  '/a#x',
  '/a#',
  '/a?#',
  '/a?b#x',
  '/ž',
  '/a b',
  '/%zz',
  '/a\\b',
  '/a\tb',
  '//x',
  '/?q=ž',
  '/a%2Fb',
  '/;a',
  '/a|b"<>',
]

export const inputs: readonly Case[] = [
  ...Object.entries(options).map(([name, init]) =>
    to(name, init, { rare: /^(mode "(same|no)|integrity "s)/.test(name) }),
  ),
  ...['a string', 5, true].map((init) =>
    to(`options: ${JSON.stringify(init)}`, init, {
      differs: 'options that are no object',
      ours: { caller: { rejects: { name: 'TypeError' } }, server: [] },
    }),
  ),
  to('options: null', null),
  ...paths.map((path) => request(`path ${JSON.stringify(path)}`, (origin) => [origin + path])),
  ...paths.map((path) => request(`URL with ${JSON.stringify(path)}`, (origin) => [new URL(origin + path)])),
  request('a blob: URL', () => [undefined], {
    ask: async (fetch) => {
      const response = await fetch(URL.createObjectURL(new Blob(['kept'], { type: 'a/b' })) as never)
      return Object.defineProperty(response, 'url', { value: 'blob:' }) // each has another
    },
  }),
  request('an object with toString', (origin) => [{ toString: () => `${origin}/x` }]),
  request('scheme in capitals, spaces around', (origin) => [`  ${origin.replace('http', 'HTTP')}/x `]),
  request('a user in the URL', (origin) => [origin.replace('//', '//me:secret@')]),
  ...[
    'no URL',
    '',
    '/path',
    'http://',
    'http://a b/',
    'ftp://127.0.0.1/',
    'file:///etc/hosts',
    'about:blank',
    'data:text/plain,hi%20there',
    'data:application/json;base64,eyJhIjoxfQ==',
    undefined,
    null,
    5,
  ].map((input) => request(`input ${JSON.stringify(input)}`, () => [input])),
]
