/** Hooks of a simulated client, some of which take their time, and the laws of what is told at the end of a call. */
import type { CallTimings } from '../call-facts.ts'
import type { EndedCall, Hooks } from '../exchange/hooks.ts'
import type { Dispatcher } from 'undici'
import type { ClientBooks } from './client-books.ts'

/** The clock counts in fractions. */
const ABOUT = 1e-6

export function hooksOf({ runtime, law }: Pick<ClientBooks, 'runtime' | 'law'>): Hooks {
  let asked = 0
  return {
    beforeRequest: () => {
      const how = ++asked % 5
      if (how === 0) return undefined
      // What is not waited for any more does not hold the process.
      return new Promise((resolve) => (how === 1 ? resolve() : runtime.after(how * how, resolve).hold(false)))
    },
    afterCall: (call) => {
      law(addsUp(call), 'the times of a call add up, none is negative')
      const { connection } = call
      law(connection === undefined || connection.age >= 0, 'a connection is not younger than its request')
      law(
        connection === undefined || connection.requestsServed >= 1,
        'a connection counts the request itself',
      )
    },
  }
}

function addsUp({ timings, status }: EndedCall): boolean {
  const { before, queued, send = 0, headers = 0, download = 0, total }: CallTimings = timings
  const dialed = timings.connect?.total ?? 0
  const sum = before + queued + send + headers + download
  const isWhole = status === undefined || sum >= total - ABOUT
  const isPositive = [before, queued, send, headers, download, dialed].every((part) => part >= 0)
  return isPositive && isWhole && sum <= total + ABOUT && dialed <= queued + ABOUT
}

/** Stands in between, and passes on what undici's handlers know. */
export const opaque: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) =>
  dispatch(options, {
    onRequestStart: (...all) => handler.onRequestStart?.(...all),
    onResponseStart: (...all) => handler.onResponseStart?.(...all),
    onResponseData: (...all) => handler.onResponseData?.(...all),
    onResponseEnd: (...all) => handler.onResponseEnd?.(...all),
    onResponseError: (...all) => handler.onResponseError?.(...all),
  })
