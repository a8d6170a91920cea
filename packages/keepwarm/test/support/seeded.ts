import { ManualRuntime } from '../../src/testing/manual-runtime.ts'

/** Chance that comes out the same every time. */
export function seeded(seed: number): () => number {
  const runtime = new ManualRuntime(seed)
  return () => runtime.random()
}
