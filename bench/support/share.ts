/** Does `total` things, `atOnce` at a time. */
export async function share(
  total: number,
  atOnce: number,
  once: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < total) await once(next++)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, total) }, worker))
}
