import { expect, test } from 'vitest'
import { play } from '../../test/support/scenes.ts'
import { sparkline } from './bars.ts'
import { keysIn } from './keys.ts'
import { isPaused, pressed, sightOf, withMessage, type Model } from './model.ts'
import { sorts } from './sorts.ts'

const names = (model: Model): readonly string[] => sightOf(model)!.rows.map(({ name }) => name)

test('keys are read out of what a terminal sends, in whatever pieces', () => {
  expect(keysIn('jk\x1b[A\x1b[B\x1bOAq')).toEqual(['down', 'up', 'up', 'down', 'up', 'quit'])
  expect(keysIn('\x1b')).toEqual(['quit'])
  expect(keysIn('\x1b[1;5C\x1b[200~xß\x1b[Z')).toEqual([])
  expect(keysIn('\x03\x1a\t\r ')).toEqual(['interrupt', 'suspend', 'process', 'details', 'pause'])
  expect(keysIn('constructor')).toEqual(['sort'])
})

test('the choice moves with the arrows, stays inside, and with its client when the order changes', () => {
  const { model } = play('healthy')
  const all = names(model)
  expect(sightOf(model)?.selected).toBe(all[0])
  const second = pressed(model, 'down')
  expect(second.selected).toBe(all[1])
  expect(pressed(pressed(model, 'up'), 'up').selected).toBe(all[0])
  expect(pressed(pressed(model, 'last'), 'down').selected).toBe(all.at(-1))
  expect(sightOf(pressed(second, 'sort'))?.selected).toBe(all[1])
})

test('orders go round, in both directions; each is what it says', () => {
  const { model } = play('pool-exhausted')
  const rounds = sorts.reduce((before) => pressed(before, 'sort'), model)
  expect(rounds.sort).toBe('state')
  expect(pressed(model, 'sort-back').sort).toBe('latency')
  const by = (sort: Model['sort']): readonly string[] => names({ ...model, sort })
  expect(by('name')).toEqual(by('name').toSorted())
  expect(by('state')[0]).toBe('ollama')
  expect(by('waiting')[0]).toBe('ollama')
  expect(by('success')[0]).toBe('ollama')
  expect(by('latency')[0]).toBe('ollama')
  expect(by('rate')[0]).toBe('coordinator')
})

test('pause stops what is shown and not what is collected', () => {
  const { model, next } = play('healthy')
  const stopped = pressed(model, 'pause')
  const later = next(next(stopped))
  expect(isPaused(later)).toBe(true)
  expect(sightOf(later)?.until).toBe(sightOf(model)?.until)
  const on = pressed(later, 'pause')
  expect(sightOf(on)?.until).toBe(sightOf(model)!.until + 2)
})

test('any key leaves the help, and does nothing else', () => {
  const { model } = play('healthy')
  const help = pressed(model, 'help')
  expect(help.hasHelp).toBe(true)
  expect(pressed(help, 'down')).toEqual(model)
})

test('of several processes each is looked at, and their sum again', () => {
  const { model, next } = play('healthy')
  expect(pressed(model, 'process')).toBe(model)
  const processes = [
    { id: '1', name: 'a' },
    { id: '2', name: 'b' },
  ]
  const several = next(model, (tick) => ({ ...tick, processes }))
  const first = pressed(several, 'process')
  expect(first.link).toMatchObject({ view: '1', lastId: '' })
  expect(sightOf(first)).toBeUndefined()
  const back = next(first, (tick) => ({ ...tick, processes }))
  expect(pressed(back, 'process').link.view).toBe('2')
  expect(pressed({ ...back, link: { ...back.link, view: '2' } }, 'process').link.view).toBe('')
})

test('what the service sends wrongly is told until something right comes', () => {
  const { model, next } = play('healthy')
  const wrong = withMessage(model, { kind: 'problem', text: 'no JSON' })
  expect(wrong.link.problem).toBe('no JSON')
  expect(next(wrong).link.problem).toBeUndefined()
})

test('a client that is younger than the history has a row without figures', () => {
  const { model, next } = play('healthy')
  const grown = next(model, (tick) => {
    const { clients } = tick.snapshot
    const young = { ...clients[0]!, name: 'young' }
    return { ...tick, snapshot: { ...tick.snapshot, clients: [...clients, young] } }
  })
  expect(sightOf(grown)!.rows.find(({ name }) => name === 'young')?.figures).toMatchObject({
    rate: null,
    p50: null,
  })
})

test('a sparkline: the highest is full, nothing is lowest, unknown is a gap, a little is seen', () => {
  expect(sparkline([0, null, 1, 50, 100], 100)).toBe('▁ ▁▄█')
  expect(sparkline([0, 0], 0)).toBe('▁▁')
})
