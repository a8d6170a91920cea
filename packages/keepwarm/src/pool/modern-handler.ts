import { Dispatcher1Wrapper, errors, type Dispatcher } from 'undici'

/** Documented, but missing from undici's types. */
interface HandlerWrapper {
  wrapHandler(legacy: object): Dispatcher.DispatchHandler
}

/** Handlers of undici 7's older dialect, which the built-in fetch of Node 24 speaks, are translated. */
export function modernHandler<H extends Dispatcher.DispatchHandler>(handler: H): H {
  if (handler === null || typeof handler !== 'object')
    throw new errors.InvalidArgumentError('handler must be an object')
  if (typeof handler.onRequestStart === 'function') return handler
  return (Dispatcher1Wrapper as unknown as HandlerWrapper).wrapHandler(handler) as H
}
