import { expect, test } from 'vitest'
import { parts, partOf, sharesOf } from './profile-parts.ts'

const frame = (functionName: string, url = ''): Parameters<typeof partOf>[0] => ({
  functionName,
  url,
  scriptId: '1',
  lineNumber: 1,
  columnNumber: 1,
})

test.each([
  ['(garbage collector)', '', 'garbage collection'],
  ['writeLatin1String', '', 'the kernel: writes'],
  ['(program)', '', 'Node and V8, reads among them'],
  ['onStreamRead', 'node:internal/stream_base_commons', 'Node and V8, reads among them'],
  ['resume', 'file:///x/node_modules/undici/lib/dispatcher/client.js', 'undici'],
  ['wasm-function[20]', 'wasm://wasm/00034eea', "undici's parser (WebAssembly)"],
  ['acquire', 'file:///x/packages/keepwarm/src/pool/core.ts', 'keepwarm: pool'],
  ['add', 'file:///x/packages/keepwarm/src/agenda.ts', 'keepwarm: pool'],
  ['settle', 'file:///x/packages/keepwarm/src/breaker/machine.ts', 'keepwarm: exchange, retry, breaker'],
  ['send', 'file:///x/packages/keepwarm/src/client/http-client.ts', 'keepwarm: client'],
  ['add', 'file:///x/packages/keepwarm/src/observe/buckets.ts', 'keepwarm: figures'],
  ['share', 'file:///x/bench/support/share.ts', 'the benchmark'],
])('%s of %s is %s', (name, url, part) => {
  expect(partOf(frame(name, url))).toBe(part)
})

test('shares add up to one, and waiting is no part of it', () => {
  const shares = sharesOf({
    startTime: 0,
    endTime: 1_000,
    nodes: [
      { id: 1, callFrame: frame('(idle)') },
      { id: 2, callFrame: frame('writeLatin1String') },
      { id: 3, callFrame: frame('resume', 'file:///x/node_modules/undici/index.js') },
    ],
    samples: [1, 2, 3, 3],
    timeDeltas: [600, 100, 200, 100],
  })
  expect(shares['the kernel: writes']).toBeCloseTo(0.25)
  expect(shares.undici).toBeCloseTo(0.75)
  expect(parts.reduce((sum, part) => sum + shares[part], 0)).toBeCloseTo(1)
})
