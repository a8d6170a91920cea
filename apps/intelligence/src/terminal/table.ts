/** Columns that stand below each other. */

export interface Column {
  readonly title: string
  readonly align: 'left' | 'right'
}

/** The lines of a table, the titles first; two spaces between columns, none at the end. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const all = [columns.map(({ title }) => title), ...rows]
  const widths = columns.map((_, index) => Math.max(...all.map((row) => row[index]?.length ?? 0)))
  return all.map((row) =>
    columns
      .map(({ align }, index) => {
        const [cell, width] = [row[index] ?? '', widths[index] ?? 0]
        return align === 'left' ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
      .trimEnd(),
  )
}
