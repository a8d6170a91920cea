import { AliasTable } from './alias-table.ts'
import type { Endpoint } from './endpoint.ts'

const NOWHERE = -1

/** A list of endpoints to draw from by chance. Adding, removing and drawing are O(1), but for the first draw by weight after a change. */
export class Candidates {
  private readonly list: Endpoint[] = []
  private readonly places = new Map<Endpoint, number>()
  private readonly table = new AliasTable()
  private weighted = false
  private stale = true

  get count(): number {
    return this.list.length
  }

  has(endpoint: Endpoint): boolean {
    return this.places.has(endpoint)
  }

  add(endpoint: Endpoint): void {
    if (this.places.has(endpoint)) return
    this.places.set(endpoint, this.list.length)
    this.list.push(endpoint)
    this.stale = true
  }

  remove(endpoint: Endpoint): void {
    const place = this.places.get(endpoint)
    if (place === undefined) return
    const last = this.list.pop()!
    this.places.delete(endpoint)
    if (last !== endpoint) {
      this.list[place] = last
      this.places.set(last, place)
    }
    this.stale = true
  }

  clear(): void {
    this.list.length = 0
    this.places.clear()
    this.stale = true
  }

  /** Whether the weights differ, so that drawing has to heed them. */
  weigh(weighted: boolean): void {
    this.weighted = weighted
    this.stale = true
  }

  /**
   * One by chance, but neither of two.
   *
   * @returns undefined when there is no other.
   */
  draw(random: number, not: Endpoint | undefined, nor: Endpoint | undefined): Endpoint | undefined {
    const one = not === undefined ? NOWHERE : (this.places.get(not) ?? NOWHERE)
    const two = nor === undefined || nor === not ? NOWHERE : (this.places.get(nor) ?? NOWHERE)
    const left = this.list.length - (one === NOWHERE ? 0 : 1) - (two === NOWHERE ? 0 : 1)
    if (left <= 0) return undefined
    return this.list[this.weighted ? this.drawByWeight(random, one, two) : skip(random, left, one, two)]
  }

  /** Where one of the two comes up, the next takes its place. */
  private drawByWeight(random: number, one: number, two: number): number {
    if (this.stale) {
      this.table.build(this.list)
      this.stale = false
    }
    let place = this.table.draw(random)
    while (place === one || place === two) place = (place + 1) % this.list.length
    return place
  }
}

/** The nth of those that are left when two places are taken out, all with the same chance. */
function skip(random: number, left: number, one: number, two: number): number {
  let place = Math.floor(random * left)
  const lower = Math.min(one, two)
  if (lower !== NOWHERE && place >= lower) place++
  const upper = Math.max(one, two)
  if (upper !== NOWHERE && place >= upper) place++
  return place
}
