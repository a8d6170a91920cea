/** Forms as `multipart/form-data` (RFC 7578, with the quoting that browsers use). */
import { randomUUID } from 'node:crypto'

/** The whole form, of which files are read when they are sent, and its type, which names the boundary. */
export function multipart(form: FormData): [body: Blob, type: string] {
  const boundary = `----keepwarm-${randomUUID()}`
  const parts: (string | Blob)[] = []
  for (const [name, value] of form) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(lines(name))}"`
    if (typeof value === 'string') parts.push(`${head}\r\n\r\n${lines(value)}\r\n`)
    else {
      const type = value.type === '' ? 'application/octet-stream' : value.type
      parts.push(`${head}; filename="${quoted(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`, value, '\r\n')
    }
  }
  parts.push(`--${boundary}--\r\n`)
  return [new Blob(parts), `multipart/form-data; boundary=${boundary}`]
}

function quoted(text: string): string {
  return text.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22')
}

/** Line ends as they are on the wire. */
function lines(text: string): string {
  return text.replace(/\r\n|\r|\n/g, '\r\n')
}
