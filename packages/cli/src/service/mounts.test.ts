import { expect, test } from 'vitest'
import { serviceAddress } from './mounts.ts'

test.each([
  ['http://a:1', ['http://a:1/', 'http://a:1/dashboard/']],
  ['http://a:1/diagnose', ['http://a:1/', 'http://a:1/dashboard/']],
  ['http://a:1/dashboard', ['http://a:1/dashboard/']],
  ['http://a:1/ops/board/events?every=5', ['http://a:1/ops/board/']],
  ['http://a:1/ops/health/ready', ['http://a:1/ops/']],
])('%s is tried at %j', (given, mounts) => {
  expect(serviceAddress(new URL(given)).mounts.map(String)).toEqual(mounts)
})

test('the token of a link is taken out of it', () => {
  const { mounts, token } = serviceAddress(new URL('https://a/?token=s3cret-s3cret-s3cret'))
  expect(token).toBe('s3cret-s3cret-s3cret')
  expect(mounts.join()).not.toContain('s3cret')
})
