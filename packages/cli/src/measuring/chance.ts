/** Chance that comes out the same for the same seed. */
export class Chance {
  private state: number

  constructor(seed: number) {
    this.state = seed >>> 0
  }

  /** From 0 to 1, 1 excluded. */
  next(): number {
    this.state = (this.state + 0x9e37_79b9) >>> 0
    let bits = this.state
    bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b)
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35)
    return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32
  }

  /** True in this share of the cases. */
  happens(share: number): boolean {
    return this.next() < share
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least)
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!
  }
}
