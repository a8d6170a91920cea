const units = [
  ['GiB', 1_024 ** 3],
  ['MiB', 1_024 ** 2],
  ['KiB', 1_024],
] as const

/**
 * A size for people: in the largest unit in which it is a whole number, and in bytes.
 *
 * @example sizeText(2_097_152) // '2 MiB (2097152 bytes)'
 */
export function sizeText(bytes: number): string {
  const plain = bytes === 1 ? '1 byte' : `${bytes} bytes`
  const unit = units.find(([, length]) => bytes >= length && bytes % length === 0)
  return unit === undefined ? plain : `${bytes / unit[1]} ${unit[0]} (${plain})`
}
