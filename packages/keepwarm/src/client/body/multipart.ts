/**
 * multipart/form-data as browsers write it: entries in their order, line breaks in names and texts as CRLF, and in the
 * headers of a part nothing that could end them.
 */
export interface Multipart {
  readonly contentType: string
  /** In bytes, all known without reading a file. */
  readonly length: number
  /** The whole body, once more with every call; files are read as it goes. */
  parts(): AsyncGenerator<Uint8Array>
}

type Entries = Iterable<readonly [string, string | Blob]>

/** @param boundary must not occur in a part: whoever chooses it lets nobody guess it. */
export function multipart(form: Entries, boundary: string): Multipart {
  // As they are now: what is added later would not fit the length, nor the attempt before.
  const written = Array.from(form, ([name, value]) => writtenPart(name, value, boundary))
  const end = Buffer.from(`--${boundary}--\r\n`)
  let length = end.length
  for (const { head, blob } of written) length += head.length + (blob === undefined ? 0 : blob.size + 2)
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    length,
    async *parts() {
      for (const { head, blob } of written) {
        yield head
        if (blob === undefined) continue
        yield* blob.stream()
        yield lineEnd
      }
      yield end
    },
  }
}

const lineEnd = Buffer.from('\r\n')

interface WrittenPart {
  /** Everything up to the contents of a file; all of a text. */
  readonly head: Uint8Array
  readonly blob: Blob | undefined
}

function writtenPart(name: string, value: string | Blob, boundary: string): WrittenPart {
  const about = `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(withCrlf(name))}"`
  if (typeof value === 'string')
    return { head: Buffer.from(`${about}\r\n\r\n${withCrlf(value)}\r\n`), blob: undefined }
  const type = printable.test(value.type) ? value.type : 'application/octet-stream'
  const head = `${about}; filename="${escaped((value as File).name)}"\r\nContent-Type: ${type}\r\n\r\n`
  return { head: Buffer.from(head), blob: value }
}

const printable = /^[\x20-\x7e]+$/

function withCrlf(text: string): string {
  return text.replace(/\r\n?|\n/g, '\r\n')
}

function escaped(name: string): string {
  return name.replace(/["\r\n]/g, (sign) => escapes[sign]!)
}

const escapes: Readonly<Record<string, string>> = { '"': '%22', '\r': '%0D', '\n': '%0A' }
