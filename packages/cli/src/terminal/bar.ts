/** `▕██████░░░░▏ 62 %` @param done from 0 to 1 */
export function shownBar(done: number): string {
  const full = Math.round(done * 10)
  return `▕${'█'.repeat(full)}${'░'.repeat(10 - full)}▏ ${String(Math.round(done * 100)).padStart(3)} %`
}
