/** The part of superagent that is used here; the package has no types of its own. */
declare module 'superagent' {
  import type { Agent } from 'node:http'

  interface Request extends PromiseLike<{ readonly text: string; readonly body: unknown }> {
    agent(agent: Agent): this
    buffer(whole: boolean): this
    send(value: object): this
    pipe<Target>(target: Target): Target
  }
  const superagent: { get(url: string): Request; post(url: string): Request }
  export default superagent
}
