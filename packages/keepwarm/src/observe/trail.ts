/** Leads from what a pool tells to the call for which it did it. */
import type { EventName, Events } from './events.ts'

export interface Trail {
  readonly call: number
  /** Publishes in the asynchronous context of the call's caller, whoever's turn it is. */
  tell<Name extends EventName>(name: Name, message: Events[Name]): void
}
