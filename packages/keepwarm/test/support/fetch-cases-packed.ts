/** Answers that are packed, rightly and wrongly, and text in several charsets. */
import zlib from 'node:zlib'
import { answered, type Case } from './fetch-case.ts'
import { chunked, head, http } from './fetch-lab.ts'

const bomb = zlib.gzipSync(Buffer.alloc(1_000_000))
const gzip = zlib.gzipSync('packed text')
const coded: Readonly<Record<string, readonly [coding: string, body: Buffer]>> = {
  gzip: ['gzip', gzip],
  GZip: ['GZip', gzip],
  'x-gzip': ['x-gzip', gzip],
  deflate: ['deflate', zlib.deflateSync('packed text')],
  'raw deflate': ['deflate', zlib.deflateRawSync('packed text')],
  br: ['br', zlib.brotliCompressSync('packed text')],
  zstd: ['zstd', zlib.zstdCompressSync('packed text')],
  identity: ['identity', Buffer.from('plain')],
  unknown: ['compress', Buffer.from('whatever')],
  'one that is unknown over one that is known': ['gzip, sdch', gzip],
  'gzip over br': ['br, gzip', zlib.gzipSync(zlib.brotliCompressSync('packed text'))],
  'no bytes': ['gzip', Buffer.alloc(0)],
  'not gzip': ['gzip', Buffer.from('this is no gzip at all')],
  'not br': ['br', Buffer.from('\xff\xff\xff this is no br at all', 'latin1')],
  'a broken middle': ['gzip', Buffer.concat([gzip.subarray(0, 14), Buffer.from('xxxx'), gzip.subarray(18)])],
  'much of it': [
    'gzip',
    zlib.gzipSync(Array.from({ length: 60_000 }, (_, index) => (index * 7919) % 10_007).join()),
  ],
}

const charsets: Readonly<Record<string, Buffer>> = {
  BOM: Buffer.from('\ufeff{"a":1}'),
  'UTF-16': Buffer.from('\ufeffhi', 'utf16le'),
  'broken UTF-8': Buffer.from([0xe2, 0x82, 0x41, 0xf0, 0x9f, 0x92, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xff]),
  latin1: Buffer.from('naïve', 'latin1'),
}

async function parts(response: Response): Promise<string> {
  let text = ''
  for await (const part of response.body ?? []) text += Buffer.from(part).toString('latin1')
  return text
}

export const packed: readonly Case[] = [
  ...Object.entries(coded).flatMap(([name, [coding, body]]) => [
    answered(`coding: ${name}`, http(200, { 'content-encoding': coding }, body)),
    answered(
      `coding: ${name}, in chunks, as a stream`,
      chunked(
        200,
        { 'content-encoding': coding },
        ...(body.length > 2 ? [body.subarray(0, 2), body.subarray(2)] : []),
      ),
      { take: parts },
    ),
  ]),
  answered('coding: of HEAD', head(200, { 'content-encoding': 'gzip', 'content-length': '20' }), {
    ask: (fetch, origin) => fetch(origin as never, { method: 'HEAD' } as never),
  }),
  answered('gzip that ends early', http(200, { 'content-encoding': 'gzip' }, gzip.subarray(0, -6)), {
    differs: 'cut off while packed',
    ours: { caller: { status: 200, body: { rejects: { name: 'TypeError' } } } },
  }),
  answered(
    'four codings',
    http(
      200,
      { 'content-encoding': 'gzip, gzip, gzip, gzip' },
      zlib.gzipSync(zlib.gzipSync(zlib.gzipSync(gzip))),
    ),
    { differs: 'more than three codings', ours: { caller: { rejects: { name: 'TypeError' } } } },
  ),
  answered('a small body that becomes a huge one', http(200, { 'content-encoding': 'gzip' }, bomb), {
    differs: 'decompression limits',
    ours: { caller: { status: 200, body: { rejects: { name: 'TypeError' } } } },
  }),
  answered('two byte order marks', http(200, {}, '\ufeff\ufeffx'), {
    differs: 'two byte order marks',
    ours: { caller: { body: '\ufeffx' } },
  }),
  answered('six codings', http(200, { 'content-encoding': 'gzip, gzip, gzip, gzip, gzip, gzip' }, gzip)),
  ...Object.entries(charsets).flatMap(([name, body]) => [
    answered(`charset: ${name}`, http(200, { 'content-type': 'text/plain; charset=latin1' }, body)),
    answered(`charset: ${name} as JSON`, http(200, {}, body), { take: (response) => response.json() }),
  ]),
]
