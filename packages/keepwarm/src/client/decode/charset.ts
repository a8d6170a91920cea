/** From bytes to characters, as `Content-Type` and a byte order mark say. UTF-8 where nobody says anything. */
import { undecodable } from './limits.ts'

/**
 * The label of the charset, in lower case; undefined for UTF-8.
 *
 * @example charsetOf('text/html; charset=ISO-8859-1') // 'iso-8859-1'
 */
export function charsetOf(contentType: string | undefined): string | undefined {
  if (contentType === undefined) return undefined
  if (contentType === lastType) return lastLabel
  lastLabel = readCharset(contentType)
  lastType = contentType
  return lastLabel
}

/** Most answers are of one type, and to read it anew costs more than to compare it. */
let lastType: string | undefined
let lastLabel: string | undefined

function readCharset(contentType: string): string | undefined {
  const found = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;"]+))/i.exec(contentType)
  if (found === null) return undefined
  const label = (found[1] ?? found[2]!).trim().toLowerCase()
  return label === '' || label === 'utf-8' || label === 'utf8' ? undefined : label
}

/**
 * The text of a whole body. A byte order mark counts more than the label, and is no part of the text.
 *
 * @param label what {@link charsetOf} found
 * @param what for messages
 * @throws KeepwarmError `decode` for a label that no one knows
 */
export function decodeText(body: Buffer, label: string | undefined, what: string): string {
  const marked = body.length > 0 && body[0]! >= 0xef ? markOf(body) : undefined
  if (marked !== undefined) return new TextDecoder(marked).decode(body)
  return label === undefined ? body.toString('utf8') : decoded(decoderFor(label, what), body, false, what)
}

/** The text of a body that is in UTF-8 and has no byte order mark, as almost all are; undefined for {@link decodeText}. */
export function plainText(body: Buffer, label: string | undefined): string | undefined {
  return label === undefined && (body.length === 0 || body[0]! < 0xef) ? body.toString('utf8') : undefined
}

/** Reads a text that comes in parts, wherever they are cut. A byte order mark counts more than the label. */
export class TextReader {
  private readonly what: string
  private readonly given: TextDecoder
  private decoder: TextDecoder | undefined
  /** What may be the beginning of a mark. */
  private held: Uint8Array | undefined

  /** @throws KeepwarmError `decode` for a label that no one knows */
  constructor(label: string | undefined, what: string) {
    this.what = what
    this.given = label === undefined ? new TextDecoder() : decoderFor(label, what)
  }

  /** What is complete so far. */
  read(chunk: Uint8Array): string {
    if (this.decoder !== undefined) return decoded(this.decoder, chunk, true, this.what)
    const bytes = this.held === undefined ? chunk : Buffer.concat([this.held, chunk])
    if (isPartOfMark(bytes)) {
      this.held = bytes.slice()
      return ''
    }
    const marked = markOf(bytes)
    this.decoder = marked === undefined ? this.given : new TextDecoder(marked)
    return decoded(this.decoder, bytes, true, this.what)
  }

  /** What is left; a character that was never finished is marked. */
  end(): string {
    const rest = this.decoder === undefined ? this.held : undefined
    return decoded(this.decoder ?? this.given, rest ?? nothing, false, this.what)
  }
}

const nothing = new Uint8Array(0)

/** Node's decoders of some old charsets throw at what is broken, where they should mark it. */
function decoded(decoder: TextDecoder, bytes: Uint8Array, stream: boolean, what: string): string {
  try {
    return decoder.decode(bytes, { stream })
  } catch (cause) {
    throw undecodable(what, `its bytes are no valid ${decoder.encoding}`, cause)
  }
}

/** The charset whose mark they begin with. */
function markOf([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined
}

function isPartOfMark({ length, 0: first, 1: second }: Uint8Array): boolean {
  if (length === 2) return first === 0xef && second === 0xbb
  return length === 0 || (length === 1 && (first === 0xef || first === 0xfe || first === 0xff))
}

function decoderFor(label: string, what: string): TextDecoder {
  try {
    return new TextDecoder(label)
  } catch (cause) {
    const shown = label.replace(/[^\x21-\x7e]/g, '·').slice(0, 40)
    throw undecodable(what, `its charset "${shown}" is not known; read it with bytes()`, cause)
  }
}
