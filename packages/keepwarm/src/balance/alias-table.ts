/** Draws a place with a chance in proportion to its weight, in constant time (Walker's alias method, as Vose builds it). */
export class AliasTable {
  /** Each column is shared by two places: its own, up to this height, and its alias above. */
  private readonly heights: number[] = []
  private readonly aliases: number[] = []

  build(list: readonly { readonly weight: number }[]): void {
    const total = list.reduce((sum, { weight }) => sum + weight, 0)
    const small: number[] = []
    const large: number[] = []
    this.heights.length = this.aliases.length = list.length
    for (const [place, { weight }] of list.entries()) {
      this.heights[place] = (weight / total) * list.length
      this.aliases[place] = place
      this.sortIn(place, small, large)
    }
    while (small.length > 0 && large.length > 0) {
      const [low, high] = [small.pop()!, large.pop()!]
      this.aliases[low] = high
      this.heights[high] = this.heights[high]! - (1 - this.heights[low]!)
      this.sortIn(high, small, large)
    }
    // What is left is full, but for rounding.
    for (const place of [...small, ...large]) this.heights[place] = 1
  }

  /** @param random in [0, 1): its integer part, scaled, is the column, the rest the height. */
  draw(random: number): number {
    const scaled = random * this.heights.length
    const column = Math.floor(scaled)
    return scaled - column < this.heights[column]! ? column : this.aliases[column]!
  }

  private sortIn(place: number, small: number[], large: number[]): void {
    if (this.heights[place]! < 1) small.push(place)
    else large.push(place)
  }
}
