import { expect, test } from 'vitest'
import { cleanLocation, placeOf, queryOf } from './place.ts'

test.each([
  ['/', undefined, '', '/', ''],
  ['/events?every=5', undefined, '', '/events', ''],
  ['/dashboard/events', undefined, '/dashboard', '/events', '/dashboard'],
  ['/dashboard', undefined, '/dashboard', '', '/dashboard'],
  ['/dashboard/', undefined, '/dashboard', '/', '/dashboard'],
  // Express and connect take the mount away, and leave a slash where there was none.
  ['/events', '/ops/dashboard/events', '', '/events', '/ops/dashboard'],
  ['/', '/dashboard', '', '', '/dashboard'],
  ['/?token=x', '/dashboard?token=x', '', '', '/dashboard'],
  ['/', '/dashboard/', '', '/', '/dashboard'],
])('%s (as it came: %s) below %s leads to "%s"', (url, original, mount, route, base) => {
  expect(placeOf(url, original, mount)).toMatchObject({ route, base })
})

test('what is not below the mount is not ours', () => {
  expect(placeOf('/other', undefined, '/dashboard')).toBeUndefined()
  expect(placeOf('/dashboards', undefined, '/dashboard')).toBeUndefined()
})

test.each([
  ['/dashboard?token=secret', '/dashboard', './dashboard/'],
  ['/dashboard/?token=secret', '/dashboard', './'],
  ['/dashboard/snapshot.json?process=7&token=secret', '/dashboard', './snapshot.json?process=7'],
  ['/?token=secret', '', './'],
])('the clean place of %s has no token and leads to the same', (url, mount, expected) => {
  const place = placeOf(url, undefined, mount)!
  const location = cleanLocation(place, queryOf(url))
  expect(location).toBe(expected)
  const resolved = new URL(location, `http://localhost${url}`)
  expect(placeOf(resolved.pathname, undefined, mount)?.route).toBe(place.route === '' ? '/' : place.route)
})
