/**
 * Works on all items, at most `width` at once; results stand in the items' order. When one fails, no further item is
 * begun, those under way are told by their signal, and the first failure is thrown when all have ended.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  width: number,
  signal: AbortSignal | undefined,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const failed = new AbortController()
  const either = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal])
  const results: Result[] = []
  const failures: unknown[] = []
  const queue = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      try {
        either.throwIfAborted()
        results[index] = await work(item, either)
      } catch (error) {
        failures.push(error)
        failed.abort(error)
        return
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker))
  if (failures.length > 0) throw failures[0]
  return results
}
