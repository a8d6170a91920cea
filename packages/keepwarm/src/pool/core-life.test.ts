/** Connections get old, are kept in readiness, and come under suspicion; dials that nobody needs any more. */
import { describe, expect, test } from 'vitest'
import { PoolStage } from '../testing/pool-stage.ts'

const ages = { maxConnectionAge: 60_000, idleTimeout: 15_000 }

describe('make before break', () => {
  test('a connection in use has its successor before it is too old, and then takes no more requests', () => {
    const stage = new PoolStage(ages)
    const long = stage.ask('long')
    const old = stage.opened()
    stage.pass(53_999)
    expect(stage.dials).toEqual([])
    stage.pass(1) // a tenth of the age before its end
    expect(stage.dials.map(({ openedFor }) => openedFor)).toEqual(['renewal'])
    const young = stage.opened()
    expect(old.state).toBe('retiring')
    expect(stage.ask('next').slot).toBe(young)
    stage.finish(long)
    expect(stage.reasons).toEqual(['age'])
  })

  test('while the successor is dialed, the old one serves', () => {
    const stage = new PoolStage(ages)
    const long = stage.ask('long')
    const old = stage.opened()
    stage.pass(54_000)
    stage.finish(long)
    expect(stage.ask('meanwhile').slot).toBe(old)
  })

  test('one that was used a moment ago is renewed, one that has rested long is not', () => {
    for (const [rest, dials] of [
      [5_000, 1],
      [10_000, 0],
    ] as const) {
      const stage = new PoolStage(ages)
      const long = stage.ask('long')
      stage.opened()
      stage.pass(54_000 - rest)
      stage.finish(long)
      stage.pass(rest)
      expect(stage.dials).toHaveLength(dials)
    }
  })

  test('a successor that nobody used has none itself: a pool at rest comes to an end', () => {
    const stage = new PoolStage({ ...ages, maxConnectionAge: 10_000 })
    const only = stage.askAndOpen('only')
    stage.pass(8_000)
    stage.finish(only)
    stage.pass(1_000)
    stage.opened()
    stage.gone()
    stage.pass(60_000)
    expect(stage.dials).toEqual([])
    stage.gone()
    expect(stage.core.open).toBe(0)
  })

  test('at its limit an origin gets no successor: the old one goes when its time has come', () => {
    const stage = new PoolStage({ ...ages, maxConnectionsPerOrigin: 1 })
    const long = stage.ask('long')
    stage.opened()
    stage.pass(59_999)
    expect(stage.dials).toEqual([])
    stage.pass(1)
    stage.finish(long)
    expect(stage.reasons).toEqual(['age'])
  })

  test('when its dial fails, the old one serves until its time has come', () => {
    const stage = new PoolStage(ages)
    const long = stage.ask('long')
    const old = stage.opened()
    stage.pass(54_000)
    stage.failed()
    stage.finish(long)
    expect(stage.ask('meanwhile').slot).toBe(old)
    expect(stage.dials).toEqual([])
  })

  test('the successor of one in use does not push another of a minimum out', () => {
    const stage = new PoolStage({ ...ages, maxIdleConnections: 0, idleGrace: 0, idleTimeout: 60_000 })
    maintain(stage, 2)
    stage.opened()
    stage.ask('long')
    stage.pass(20_000)
    stage.opened()
    stage.finish(stage.askAndOpen('other', 'b'))
    stage.pass(34_000)
    expect(stage.dials.map(({ openedFor }) => openedFor)).toEqual(['renewal'])
    stage.opened()
    expect(stage.closing.map(({ origin }) => origin.key)).toEqual(['b'])
    expect(stage.dials).toEqual([])
  })

  test('nobody is dialed for whom the successor serves', () => {
    const stage = new PoolStage(ages)
    stage.askAndOpen('long')
    stage.pass(54_000)
    const next = stage.ask('next')
    stage.opened()
    expect(next.fate).toBe('served')
    expect(stage.dials).toEqual([])
  })

  test('in the pause after a failed dial no successor is dialed', () => {
    const stage = new PoolStage(ages)
    stage.askAndOpen('long')
    stage.pass(53_995)
    stage.ask('another')
    stage.failed()
    stage.pass(9)
    expect(stage.dials).toEqual([])
  })

  test('after the end no successor is dialed', () => {
    const stage = new PoolStage(ages)
    const long = stage.askAndOpen('long')
    stage.core.shutdown(stage.now)
    stage.carryOut()
    stage.pass(60_000)
    expect(stage.dials).toEqual([])
    stage.finish(long)
    expect(stage.reasons).toEqual(['age'])
  })
})

describe('a maintained minimum', () => {
  test('is dialed at once, counts those in use, and is refilled when one ends', () => {
    const stage = new PoolStage()
    const guest = stage.ask('uses one')
    const used = stage.opened()
    maintain(stage, 3)
    expect(stage.dials.map(({ openedFor }) => openedFor)).toEqual(['minimum', 'minimum'])
    stage.opened()
    stage.opened()
    stage.retire(used, 'server_closed')
    expect(stage.dials).toHaveLength(1)
    stage.core.released(guest, stage.now)
  })

  test('is not more than the limits allow', () => {
    const stage = new PoolStage({ maxConnectionsPerOrigin: 2 })
    maintain(stage, 3)
    expect(stage.dials).toHaveLength(2)
  })

  test('rests longer than others, and is not what the idle limit closes', () => {
    const stage = new PoolStage({
      maxIdleConnections: 0,
      idleGrace: 100,
      idleTimeout: 1_000,
      maxIdleTimeout: 9_000,
    })
    maintain(stage, 1)
    stage.opened()
    stage.finish(stage.askAndOpen('another', 'b'))
    stage.pass(8_999)
    expect(stage.closing.map(({ origin }) => origin.key)).toEqual(['b'])
    stage.pass(1)
    expect(stage.closing.map(({ origin }) => origin.key)).toEqual(['b', 'a'])
    stage.gone()
    expect(stage.dials.map(({ origin }) => origin.key)).toEqual(['a'])
  })

  test('a server that refuses is asked with growing pauses: 100 ms, 200 ms, 400 ms … 30 s', () => {
    const stage = new PoolStage()
    maintain(stage, 1)
    const pauses: number[] = []
    for (let i = 0; i < 12; i++) {
      stage.failed()
      const since = stage.now
      while (stage.dials.length === 0) stage.pass(10)
      pauses.push(stage.now - since)
    }
    expect(pauses.slice(0, 4)).toEqual([100, 200, 400, 800])
    expect(pauses.slice(-2)).toEqual([30_000, 30_000])
  })

  test('a server that keeps nothing is not dialed without end: one in five seconds', () => {
    const stage = new PoolStage()
    maintain(stage, 1)
    for (let ends = 0; ends < 10; ends++) {
      stage.retire(stage.opened(), 'server_closed')
      stage.gone()
      expect(stage.dials).toEqual([])
      stage.pass(4_999)
      expect(stage.dials).toEqual([])
      stage.pass(1)
    }
    expect(stage.dials).toHaveLength(1)
  })

  test('a pause after failed dials is over when another succeeds', () => {
    const stage = new PoolStage()
    maintain(stage, 2)
    while (stage.dials.length > 0) stage.failed()
    stage.pass(50)
    stage.ask('somebody')
    expect(stage.dials.map(({ openedFor }) => openedFor)).toEqual(['first'])
    stage.opened()
    expect(stage.dials.map(({ openedFor }) => openedFor)).toEqual(['minimum'])
  })

  test('one that ended unused is not dialed again for another that succeeds', () => {
    const stage = new PoolStage()
    maintain(stage, 2)
    stage.retire(stage.opened(), 'server_closed')
    stage.opened()
    expect(stage.dials).toEqual([])
    stage.pass(5_000)
    expect(stage.dials).toHaveLength(1)
  })

  test('one that served is dialed again as soon as it ended', () => {
    const stage = new PoolStage()
    maintain(stage, 1)
    const slot = stage.opened()
    stage.finish(stage.ask('somebody'))
    stage.retire(slot, 'server_closed')
    expect(stage.dials.map(({ openedFor }) => openedFor)).toEqual(['minimum'])
  })

  test('is not forgotten for the sake of thousands of other origins, also while nothing is open', () => {
    const stage = new PoolStage()
    maintain(stage, 1)
    stage.failed()
    for (let n = 0; n < 3_000; n++) stage.core.origin(`another ${n}`)
    stage.pass(100)
    expect(stage.dials.map(({ origin }) => origin.key)).toEqual(['a'])
  })

  test('gives way to whoever waits elsewhere, and is refilled when there is room again', () => {
    const stage = new PoolStage({ maxConnections: 1 })
    maintain(stage, 1)
    stage.opened()
    const other = stage.ask('other', 'b')
    expect(stage.reasons).toEqual(['evicted'])
    stage.gone()
    expect(stage.dials.map(({ origin }) => origin.key)).toEqual(['b'])
    stage.opened()
    stage.retire(other.slot!, 'connection_close')
    stage.core.released(other, stage.now)
    stage.carryOut()
    stage.gone()
    stage.pass(5_000)
    expect(stage.dials.map(({ origin, openedFor }) => `${origin.key} ${openedFor}`)).toEqual(['a minimum'])
  })

  test('ends when it is set to 0: what was kept goes in its time', () => {
    const stage = new PoolStage({ idleTimeout: 1_000, maxIdleTimeout: 9_000 })
    maintain(stage, 2)
    stage.opened()
    stage.opened()
    maintain(stage, 0)
    stage.pass(9_000)
    expect(stage.reasons).toEqual(['idle', 'idle'])
    stage.gone()
    expect(stage.figures).toBe('0 open, 0 dialing, 0 idle, 0 waiting')
  })
})

function maintain(stage: PoolStage, count: number): void {
  stage.core.maintain(stage.core.origin('a'), count, stage.now)
  stage.carryOut()
}

test('with no places in line at all, a request for whom an idle connection of another origin makes room may wait', () => {
  const stage = new PoolStage({ maxConnections: 1, maxQueue: 0 })
  stage.finish(stage.askAndOpen('resting', 'b'))
  const [first, second] = [stage.ask('first'), stage.ask('second')]
  expect([first.fate, second.fate]).toEqual(['waits', 'queue_full'])
  stage.gone()
  stage.opened()
  expect(first.fate).toBe('served')
})

describe('a dial that nobody needs any more', () => {
  test('is kept for five seconds, for whoever comes next', () => {
    const stage = new PoolStage()
    stage.leave(stage.ask('leaves'))
    stage.pass(4_999)
    const next = stage.ask('next')
    expect(stage.dials).toHaveLength(1)
    stage.opened()
    expect(next.fate).toBe('served')
  })

  test('is called off when it takes longer', () => {
    const stage = new PoolStage()
    stage.leave(stage.ask('leaves'))
    stage.pass(5_000)
    expect(stage.reasons).toEqual(['unneeded'])
    expect(stage.gone()).toHaveLength(1)
    expect(stage.figures).toBe('0 open, 0 dialing, 0 idle, 0 waiting')
  })

  test('one that somebody waits for goes on, however long it takes', () => {
    const stage = new PoolStage()
    const [leaves] = [stage.ask('leaves'), stage.ask('stays')]
    stage.leave(leaves)
    stage.pass(30_000)
    expect(stage.reasons).toEqual(['unneeded'])
    expect(stage.core.dialing).toBe(1)
  })

  test('is looked at again when it was still needed', () => {
    const stage = new PoolStage()
    const patient = stage.ask('patient')
    stage.pass(6_000)
    stage.leave(patient)
    stage.pass(3_999)
    expect(stage.reasons).toEqual([])
    stage.pass(1)
    expect(stage.reasons).toEqual(['unneeded'])
  })

  test('one that was begun to warm up goes on, and so does one that keeps the minimum', () => {
    const stage = new PoolStage()
    stage.core.warm(stage.core.origin('b'), 1, stage.now)
    maintain(stage, 1)
    stage.leave(stage.ask('served by the minimum'))
    stage.pass(60_000)
    expect(stage.reasons).toEqual([])
    expect(stage.dials).toHaveLength(2)
  })
})

describe('a request without an answer', () => {
  test('casts suspicion on connections that rest since before it went out', () => {
    const stage = new PoolStage()
    const guests = stage.askMany(3)
    while (stage.dials.length > 0) stage.opened()
    stage.finish(guests[0]!)
    stage.finish(guests[1]!)
    stage.pass(1_000)
    const lost = stage.ask('lost')
    stage.pass(1_000)
    stage.core.suspect(lost.slot!, stage.now)
    stage.carryOut()
    expect(stage.reasons).toEqual(['suspect'])
    expect(guests[2]!.slot!.state).toBe('ready') // it is in use, and will show what it is worth
  })

  test('casts none when the origin answered another since', () => {
    const stage = new PoolStage()
    const [slow, alive] = [stage.askAndOpen('slow'), stage.askAndOpen('alive')]
    stage.finish(stage.askAndOpen('rests'))
    stage.pass(1_000)
    stage.finish(alive)
    stage.core.suspect(slow.slot!, stage.now)
    stage.carryOut()
    expect(stage.reasons).toEqual([])
  })

  test('casts it whatever was answered before it and given up since, but not on what was opened since', () => {
    const stage = new PoolStage()
    const [first, second, impatient] = stage.askMany(3)
    while (stage.dials.length > 0) stage.opened()
    stage.pass(500)
    stage.finish(first!)
    stage.finish(second!)
    stage.pass(500)
    const lost = stage.ask('lost')
    expect(lost.slot).toBe(second!.slot)
    stage.pass(500)
    stage.core.retire(impatient!.slot!, 'aborted', stage.now)
    stage.core.released(impatient!, stage.now, false)
    stage.core.warm(stage.core.origin('a'), 3, stage.now)
    stage.carryOut()
    const young = stage.opened()
    stage.pass(500)
    stage.core.suspect(lost.slot!, stage.now)
    stage.carryOut()
    expect(stage.reasons).toEqual(['aborted', 'suspect'])
    expect(first!.slot!.closeReason).toBe('suspect')
    expect(young.idle).toBe(true)
  })

  test('HTTP/2: does not close its session to others', () => {
    const stage = new PoolStage()
    stage.ask('lost')
    const session = stage.opened(100)
    stage.pass(2_000)
    stage.core.suspect(session, stage.now)
    stage.carryOut()
    expect(stage.ask('next').slot).toBe(session)
  })
})
