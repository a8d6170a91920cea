import { z } from 'zod'

/** An item of an answer that was left out because it is not what was agreed. */
export interface SkippedItem {
  /** The list it stood in. */
  readonly list: string
  readonly index: number
  readonly problem: string
}

export interface LenientList<Item> {
  readonly items: readonly Item[]
  readonly skipped: readonly SkippedItem[]
}

/**
 * A list of which single items may be broken: those are left out and told. A list in which nothing fits is no list
 * with broken items but another contract, and is refused, so that a changed service is an error and not an empty
 * result.
 */
export function lenientList<Item>(
  list: string,
  item: z.ZodType<Item>,
): z.ZodType<LenientList<Item>, unknown[]> {
  return z.array(z.unknown()).transform((values, context) => {
    const items: Item[] = []
    const skipped: SkippedItem[] = []
    for (const [index, value] of values.entries()) {
      const read = item.safeParse(value)
      if (read.success) items.push(read.data)
      else skipped.push({ list, index, problem: describeIssues(read.error.issues) })
    }
    if (values.length === 0 || items.length > 0) return { items, skipped }
    const message = `none of the ${values.length} items is what was agreed; the first: ${skipped[0]!.problem}`
    context.issues.push({ code: 'custom', message, input: values })
    return z.NEVER
  })
}

/** `score: Too big: expected number to be <=1` */
export function describeIssues(issues: readonly z.core.$ZodIssue[]): string {
  return issues
    .slice(0, 5)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`))
    .join('; ')
}
