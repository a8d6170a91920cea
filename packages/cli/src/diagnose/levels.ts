/** What a verdict may be, from the worst on. */
export const levels = ['critical', 'warn', 'info'] as const

export type Level = (typeof levels)[number]

/** Whether a verdict of one level is as bad as another. What is not known is taken for bad. */
export function isAsBad(level: string, as: Level): boolean {
  if (level === 'ok') return false
  return levels.findIndex((known) => known === level) <= levels.indexOf(as)
}
