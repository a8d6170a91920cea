/** Writes down all events, and holds them to their laws. */
import { subscribeEvents, type EventName, type Events } from 'keepwarm'

type Named = { [Name in EventName]: { readonly name: Name; readonly event: Events[Name] } }[EventName]

const names: readonly EventName[] = [
  'call:start',
  'call:end',
  'attempt:start',
  'attempt:end',
  'retry',
  'wait:start',
  'wait:end',
  'dial:start',
  'dial:end',
  'connection:open',
  'connection:close',
  'breaker',
  'limit',
  'leak',
  'race',
]

/** How the things that begin and end are called. */
const keyOf = {
  call: ({ call }: { call: number }): string => `call ${call}`,
  attempt: ({ call, attempt }: { call: number; attempt: number }): string => `attempt ${call}.${attempt}`,
  wait: ({ wait }: { wait: number }): string => `wait ${wait}`,
  dial: ({ pool, connection }: { pool: number; connection: number }): string => `dial ${pool}.${connection}`,
  connection: ({ pool, connection }: { pool: number; connection: number }): string =>
    `connection ${pool}.${connection}`,
}

export class EventBook implements Disposable {
  readonly all: Named[] = []
  /** What broke a law. */
  readonly wrong: string[] = []
  /** What began and has not ended. */
  readonly open = new Set<string>()
  private readonly begun = new Set<string>()
  private readonly subscription: Disposable

  /** @param hear besides is told of every event as it happens */
  constructor(hear?: (named: Named) => void) {
    const listener = (name: EventName): [EventName, (event: never) => void] => [
      name,
      (event) => {
        const named = { name, event } as Named
        this.all.push(named)
        this.check(named)
        hear?.(named)
      },
    ]
    this.subscription = subscribeEvents(Object.fromEntries(names.map(listener)))
  }

  [Symbol.dispose](): void {
    this.subscription[Symbol.dispose]()
  }

  of<Name extends EventName>(name: Name): Events[Name][] {
    return this.all.filter((named) => named.name === name).map(({ event }) => event as Events[Name])
  }

  /** In words: "call:start, attempt:start, …" */
  get told(): string[] {
    return this.all.map(({ name }) => name)
  }

  private check(named: Named): void {
    const { name, event } = named
    const [what, when] = name.split(':') as [keyof typeof keyOf, string | undefined]
    if (JSON.stringify(event).includes('secret')) this.wrong.push(`${name} tells a secret`)
    if (when === 'start' || when === 'open') this.begins(keyOf[what](event as never), event)
    else if (when !== undefined) this.ends(keyOf[what](event as never))
    this.checkLinks(named)
  }

  private begins(key: string, event: object): void {
    if (this.begun.has(key)) this.wrong.push(`${key} begins twice`)
    this.begun.add(key)
    this.open.add(key)
    if ('duration' in event) this.wrong.push(`${key} knows its duration as it begins`)
  }

  private ends(key: string): void {
    if (!this.open.delete(key)) this.wrong.push(`${key} ends ${this.begun.has(key) ? 'twice' : 'unbegun'}`)
  }

  private checkLinks({ name, event }: Named): void {
    const within = (key: string): void => {
      if (!this.open.has(key)) this.wrong.push(`${name} of ${key}, which is not under way`)
    }
    if (name === 'attempt:start' || name === 'attempt:end') within(keyOf.call(event))
    if (name === 'retry') within(keyOf.call(event))
    if ((name === 'wait:start' || name === 'race') && event.call !== undefined)
      within(keyOf.attempt(event as never))
    if (name === 'connection:open' && !this.begun.has(keyOf.dial(event)))
      this.wrong.push('a connection that was not dialed')
    if (name === 'wait:end' && event.outcome === 'leased') {
      const connection = keyOf.connection(event as never)
      if (this.begun.has(connection)) within(connection) // of others nobody heard the beginning
    }
    if (name === 'call:end')
      for (const key of this.open)
        if (key.startsWith(`attempt ${event.call}.`)) this.wrong.push(`${key} outlives its call`)
    if ('duration' in event && !(event.duration >= 0)) this.wrong.push(`${name} took ${event.duration} ms`)
  }
}
