import type { ResponseHeaders as WireHeaders } from '../collect.ts'

/** The platform's types have fields where there are methods. */
const PlatformHeaders = Headers as unknown as new () => object
const append = Headers.prototype.append

/** The headers of a response that came over the wire: real `Headers`, which cannot be changed, as with every fetch. */
export class ResponseHeaders extends PlatformHeaders {
  constructor(wire: WireHeaders) {
    super()
    const headers = this as unknown as Headers
    for (const name in wire) {
      const value = wire[name]
      if (typeof value === 'string') append.call(headers, name, value)
      else if (value !== undefined) for (const one of value) append.call(headers, name, one)
    }
  }

  append(): never {
    throw immutable()
  }

  set(): never {
    throw immutable()
  }

  delete(): never {
    throw immutable()
  }
}

/** Whoever makes new ones of the same kind wants ordinary ones. */
Object.defineProperty(ResponseHeaders.prototype, 'constructor', { value: Headers })

function immutable(): TypeError {
  return new TypeError('the headers of a fetched response are immutable; copy them with new Headers(headers)')
}
