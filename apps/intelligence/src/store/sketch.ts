/**
 * Sketches of vectors: 1,024 signs each, in which near vectors agree more often than far ones. A thousandth of the
 * work of comparing the vectors themselves, and good enough to say which few thousand of many are worth it.
 *
 * Each sign is that of the vector's product with a random direction, so that two vectors with an angle of a between
 * them differ in 1,024 · a / π signs on average, with a spread of 16 at most. The directions are those of a randomised
 * Hadamard transform: signs of numbers flipped by chance, sums and differences of all pairs, twice. That mixes vectors
 * with a few numbers in them as well as those that are full. What comes out is the same on every machine, and is kept:
 * a change of it needs a migration that makes all of them anew.
 */

const BITS = 1_024
const SKETCH_BYTES = BITS / 8
const ROUNDS = 2

/** Of any size, as vectors of one size have always the same directions. */
export function sketchOf(vector: Float32Array): Uint8Array {
  const mixed = new Float32Array(sizeFor(vector.length))
  mixed.set(vector)
  for (let round = 0; round < ROUNDS; round += 1) {
    flip(mixed, round)
    transform(mixed)
  }
  const sketch = new Uint8Array(SKETCH_BYTES)
  for (let bit = 0; bit < BITS; bit += 1) {
    if (mixed[bit]! > 0) sketch[bit >> 3]! |= 1 << (bit & 7)
  }
  return sketch
}

/** The next power of two, and one that gives signs enough. */
function sizeFor(dimensions: number): number {
  let size = BITS
  while (size < dimensions) size *= 2
  return size
}

/** A coin for each place and round, thrown once and for all. */
function flip(numbers: Float32Array, round: number): void {
  const coins = coinsFor(numbers.length, round)
  for (let place = 0; place < numbers.length; place += 1) numbers[place] = numbers[place]! * coins[place]!
}

const thrown = new Map<number, Float32Array>()

function coinsFor(length: number, round: number): Float32Array {
  const known = thrown.get(length * ROUNDS + round)
  if (known !== undefined) return known
  const coins = Float32Array.from({ length }, (_, place) => coin(place, round))
  thrown.set(length * ROUNDS + round, coins)
  return coins
}

function coin(place: number, round: number): number {
  let hash = Math.imul(place + 1, 0x9e37_79b9) ^ Math.imul(round + 1, 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb_352d)
  hash = Math.imul(hash ^ (hash >>> 15), 0x846c_a68b)
  return ((hash ^ (hash >>> 16)) & 1) === 1 ? -1 : 1
}

/** Walsh and Hadamard's, in place. Its length has no meaning here, so that it is not divided out. */
function transform(numbers: Float32Array): void {
  for (let half = 1; half < numbers.length; half *= 2) {
    for (let start = 0; start < numbers.length; start += 2 * half) {
      for (let at = start; at < start + half; at += 1) {
        const a = numbers[at]!
        const b = numbers[at + half]!
        numbers[at] = a + b
        numbers[at + half] = a - b
      }
    }
  }
}
