/** Servers say the same in every answer, and to read it costs more than to see that. */
let said = ''
let meant: number | undefined

/** `timeout` of a Keep-Alive header, in seconds; undefined when it names none. */
export function keepAliveSeconds(header: string | string[]): number | undefined {
  const text = typeof header === 'string' ? header : header.join(',')
  if (text === said) return meant
  const match = /(?:^|[,;\s])timeout\s*=\s*"?(\d{1,9})/i.exec(text)
  said = text
  meant = match === null ? undefined : Number(match[1])
  return meant
}
