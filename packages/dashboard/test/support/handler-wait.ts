import { setTimeout as sleep } from 'node:timers/promises'

/** Comes back when `check` holds; fails with its last word when that takes longer than `within` ms. */
export async function eventually(check: () => boolean, what: string, within = 15_000): Promise<void> {
  const late = performance.now() + within
  while (!check()) {
    if (performance.now() > late) throw new Error(`not within ${within} ms: ${what}`)
    await sleep(3)
  }
}
