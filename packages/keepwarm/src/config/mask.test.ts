import { expect, test } from 'vitest'
import { maskUrl } from './mask.ts'

test.each([
  ['http://search:8055', 'http://search:8055'],
  ['https://me:secret@search:8055/v1', 'https://***@search:8055/v1'],
  ['https://token@search', 'https://***@search'],
  ['https://me:p@ss/word@search', 'https://***@search'],
  ['me:secret@search', '***@search'],
  ['http//me:secret@search', '***@search'],
  ['https:/me:secret@search', 'https:/***@search'],
  ['http://search/?api_key=secret', 'http://search/?***'],
  ['http://search/#secret', 'http://search/?***'],
  ['http://search?u=a@b', 'http://***'],
  ['http://me:what?@search', 'http://***'],
])('%s is shown as %s', (url, shown) => {
  expect(maskUrl(url)).toBe(shown)
})
