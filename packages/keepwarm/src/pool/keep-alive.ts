/** `timeout` of a Keep-Alive header, in seconds; undefined when it names none. */
export function keepAliveSeconds(header: string | string[]): number | undefined {
  const match = /(?:^|[,;\s])timeout\s*=\s*"?(\d{1,9})/i.exec(
    Array.isArray(header) ? header.join(',') : header,
  )
  return match === null ? undefined : Number(match[1])
}
