/** One tick as text that scrolls by. */
import type { Paint } from '../terminal/terminal.ts'
import { layoutFor } from './columns.ts'
import type { Sight } from './model.ts'
import { rowLine, headLine, verdictLines } from './parts.ts'

/** Text in a file has no edge: so wide it is at least, in columns. */
const WIDTH = 132

export function plainText(sight: Sight, width: number, paint: Paint): string[] {
  const columns = Math.max(WIDTH, width)
  const layout = layoutFor(columns, sight.rows)
  const lines = [
    ...verdictLines(sight, 20, columns, paint),
    '',
    paint('dim', headLine(layout, 'state')),
    ...sight.rows.map((row) => rowLine(row, false, layout, paint)),
  ]
  return lines.map((line) => line.trimEnd())
}
