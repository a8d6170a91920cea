/** A law did not hold. The message is the law. */
export class BrokenLaw extends Error {
  override name = 'BrokenLaw'
}

export function must(holds: boolean, law: string): asserts holds {
  if (!holds) throw new BrokenLaw(law)
}
