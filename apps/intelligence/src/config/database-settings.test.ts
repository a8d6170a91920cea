import { expect, test } from 'vitest'
import { readSettings } from './settings.ts'

test('without DATABASE_URL there is no server, whatever else is said of it', () => {
  expect(readSettings({ DATABASE_MAX_CONNECTIONS: '4' }).database).toBeUndefined()
})

test('a server is given by its URL, and its limits are in seconds and connections', () => {
  const url = 'postgres://me:secret@db.example/documents'
  expect(readSettings({ DATABASE_URL: url }).database).toEqual({
    url,
    schema: 'intelligence',
    maxConnections: 10,
    connectTimeout: 10_000,
    statementTimeout: 60_000,
    workers: 2,
    processName: 'api',
  })
  const given = { DATABASE_SCHEMA: 'two', DATABASE_MAX_CONNECTIONS: '40', DATABASE_CONNECT_TIMEOUT: '0.5' }
  const socket = 'postgres://me@/documents?host=/run/postgresql'
  expect(readSettings({ DATABASE_URL: socket, ...given }).database).toMatchObject({
    url: socket,
    schema: 'two',
    maxConnections: 40,
    connectTimeout: 500,
  })
})

test('workers are for a server: without one, any number but 0 is refused', () => {
  const url = 'postgres://db.example/documents'
  const named = { DATABASE_URL: url, WORKER_PROCESSES: '0', PROCESS_NAME: 'left' }
  expect(readSettings(named).database).toMatchObject({ workers: 0, processName: 'left' })
  expect(readSettings({ WORKER_PROCESSES: '0' }).database).toBeUndefined()
  expect(() => readSettings({ WORKER_PROCESSES: '1' })).toThrow(
    /WORKER_PROCESSES = "1"\n +expected 0, because[^]*fix: DATABASE_URL=/,
  )
  const bad = { DATABASE_URL: url, WORKER_PROCESSES: '65', PROCESS_NAME: 'a b' }
  expect(() => readSettings(bad)).toThrow(/WORKER_PROCESSES = "65"[^]*PROCESS_NAME = "a b"/)
})

test('what cannot be used is named, with what is allowed, and the URL is never shown', () => {
  const bad = {
    DATABASE_URL: 'mysql://me:secret@db/x',
    DATABASE_SCHEMA: 'a; DROP',
    DATABASE_MAX_CONNECTIONS: '1',
  }
  expect(() => readSettings(bad)).toThrow(/DATABASE_URL = \(not shown\)\n +expected a URL such as postgres:/)
  expect(() => readSettings(bad)).toThrow(/DATABASE_SCHEMA = "a; DROP"\n +expected small letters/)
  expect(() => readSettings(bad)).toThrow(/DATABASE_MAX_CONNECTIONS = "1"\n +expected a whole number from 2/)
  expect(() => readSettings(bad)).not.toThrow(/secret/)
})
