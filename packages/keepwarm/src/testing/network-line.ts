import type { Work } from './network-work.ts'

/** Requests that wait for a worker, first come first served. Everything costs O(1), however many they are. */
export class WorkLine {
  size = 0
  private works: Work[] = []
  /** Where the line begins in `works`; those before it had their turn. */
  private first = 0

  push(work: Work): void {
    work.inLine = true
    this.size++
    this.works.push(work)
  }

  /** The next one. */
  shift(): Work | undefined {
    for (let work = this.step(); work !== undefined; work = this.step()) {
      if (!work.inLine) continue
      this.remove(work)
      return work
    }
    return undefined
  }

  /** Where it stands nobody waits any more. */
  remove(work: Work): void {
    if (!work.inLine) return
    work.inLine = false
    this.size--
  }

  clear(): void {
    for (const work of this.works) work.inLine = false
    this.works = []
    this.first = this.size = 0
  }

  private step(): Work | undefined {
    const work = this.works[this.first]
    if (work === undefined) return undefined
    this.first++
    if (this.first > 1_024 && this.first * 2 > this.works.length) {
      this.works.splice(0, this.first)
      this.first = 0
    }
    return work
  }
}
