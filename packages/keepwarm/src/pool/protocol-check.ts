import { errors } from 'undici'
import type { DispatchOptions } from './dispatch-options.ts'
import { refusedOverHttp2 } from './http2-headers.ts'

/** undici would send the body at once, and take the interim answer for a fault. */
const notOverHttp1 = 'expectContinue needs HTTP/2, and this connection speaks HTTP/1.1; send it without'

/**
 * What the connection's protocol cannot do is refused before a byte is written.
 * @throws undici's InvalidArgumentError or NotSupportedError, naming the option or header
 */
export function checkProtocol({ expectContinue, headers }: DispatchOptions, isHttp2: boolean): void {
  if (!isHttp2) {
    if (expectContinue === true) throw new errors.NotSupportedError(notOverHttp1)
    return
  }
  const name = refusedOverHttp2(headers)
  if (name !== undefined)
    throw new errors.InvalidArgumentError(`HTTP/2 has no place for the header "${name}"; leave it out`)
}
