/** Reads and writes tables of Markdown. */

/** What stands between the bars of a line. */
export function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
}

/** A table whose first row is its header, with columns as wide as their widest cell, as the formatter wants them. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (cells: readonly string[], filler = ' '): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width, filler)).join(' | ')} |`
  const [header = [], ...body] = rows
  return [line(header), line([], '-'), ...body.map((cells) => line(cells))].join('\n')
}
