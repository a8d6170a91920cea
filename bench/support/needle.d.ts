/** The part of needle that is used here; the package has no types of its own. */
declare module 'needle' {
  import type { Agent } from 'node:http'
  import type { Readable } from 'node:stream'

  interface Options {
    readonly agent?: Agent
    readonly parse?: boolean
    readonly json?: boolean
  }
  function needle(
    method: string,
    url: string,
    data: object | null,
    options: Options,
  ): Promise<{ readonly body: unknown }>
  namespace needle {
    function get(url: string, options: Options): Readable
  }
  export default needle
}
