import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextLink, parseLinks, type Link } from './link-header.ts'

const link = (target: string, rels: readonly string[], anchor?: string): Link => ({ target, rels, anchor })

test.each<[string, Link[]]>([
  ['', []],
  ['</a>', [link('/a', [])]],
  ['</a>; rel=next', [link('/a', ['next'])]],
  [
    '<https://api.test/r?page=2>; rel="next", <https://api.test/r?page=9>; rel="last"',
    [link('https://api.test/r?page=2', ['next']), link('https://api.test/r?page=9', ['last'])],
  ],
  ['</a,b;c>; title="x, y; z=\\"<q>\\""; rel="prev NEXT"', [link('/a,b;c', ['prev', 'next'])]],
  ['  ,, < /a > ; REL = "next" ;; , </b>;rel=last', [link('/a', ['next']), link('/b', ['last'])]],
  ['</a>; rel=prev; rel=next', [link('/a', ['prev'])]],
  ['</a>; rel="next"; anchor="#here"', [link('/a', ['next'], '#here')]],
  ["</a>; title*=UTF-8''n%c3%a4chstes; rel=next", [link('/a', ['next'])]],
  ['</a>; rel', [link('/a', [])]],
  ['</a>; rel="next', [link('/a', ['next'])]],
  ['</a> rubbish; rel=next rubbish, </b>', [link('/a', ['next']), link('/b', [])]],
  ['</a>; rel=next, rubbish, </b>; rel=last', [link('/a', ['next'])]],
  ['</a', []],
  ['<>; rel=next', [link('', ['next'])]],
])('%j', (header, links) => {
  expect(parseLinks(header)).toEqual(links)
})

test.each([
  [undefined, undefined],
  ['</a>; rel=prev', undefined],
  ['</a>; rel=prev, </b>; rel="next", </c>; rel=next', '/b'],
  ['</a>; rel=next; anchor="/other", </b>; rel=next', '/b'],
])('%j leads to %j', (header, target) => {
  expect(nextLink(header)).toBe(target)
})

test('what is written as the RFC says is read as it was meant, whatever stands in it', () => {
  const target = fc.string({ unit: fc.constantFrom('a', '/', '?', ',', ';', '=', '"', '%', ' é', '\\') })
  const text = fc.string({ unit: fc.constantFrom('x', ',', ';', '=', '"', '\\', '<', '>', ' ', 'rel=next') })
  const rel = fc.array(fc.constantFrom('next', 'prev', 'x:y'), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(fc.array(fc.record({ target, title: text, rel }), { maxLength: 5 }), (links) => {
      const header = links
        .map(({ target, title, rel }) => {
          const quoted = title.replace(/["\\]/g, '\\$&')
          return `<${target}>; title="${quoted}"; rel="${rel.join(' ')}"`
        })
        .join(', ')
      expect(parseLinks(header)).toEqual(links.map(({ target, rel }) => link(target.trim(), rel)))
    }),
    { numRuns: 2_000 },
  )
})

test('anything at all is read to an end', () => {
  const piece = fc.constantFrom('<', '>', '"', '\\', ';', ',', '=', ' ', 'rel', 'next', '/a', '\n')
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      expect(parseLinks(pieces.join('')).length).toBeLessThanOrEqual(pieces.length)
    }),
    { numRuns: 2_000 },
  )
  for (const long of ['<', '<a>;', '<a>; x="', '<a>; x="\\', ',', '; ', '<a>; rel=" '])
    expect(parseLinks(long.repeat(20_000)).length).toBeLessThanOrEqual(20_000)
})
