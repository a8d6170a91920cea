/** A piece of a body; strings are sent as UTF-8. */
export type BodyPart = string | ArrayBuffer | ArrayBufferView

/** Over the same memory; undefined for what is no bytes. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer)
    return Buffer.from(value as ArrayBuffer)
  return undefined
}
