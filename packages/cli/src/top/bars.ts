/** Small pictures out of characters. */
import { stripOf, type Place, type Places, type Spark } from '@keepwarm/dashboard/state'
import type { Paint } from '../terminal/terminal.ts'

const eighths = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/** A column for each value: the highest is full, nothing is `▁` in its dimmest, and what nobody knows is a gap. */
export function sparkline(values: readonly (number | null)[], highest: number): string {
  return values.map((value) => bar(value, highest)).join('')
}

function bar(value: number | null, highest: number): string {
  if (value === null) return ' '
  if (value <= 0 || highest <= 0) return eighths[0]
  return eighths[Math.min(7, Math.max(0, Math.ceil((value / highest) * 8) - 1))]!
}

/** Calls per second; where some were lost the column is red. */
export function callSpark({ all, lost, highest }: Spark, width: number, paint: Paint): string {
  const from = Math.max(0, all.length - width)
  const columns = all.slice(from).map((value, index) => {
    const column = bar(value, highest)
    if ((lost[from + index] ?? 0) > 0) return paint('red', column)
    return value === 0 ? paint('dim', column) : paint('cyan', column)
  })
  return ' '.repeat(Math.max(0, width - columns.length)) + columns.join('')
}

const signs: Readonly<Record<Place, string>> = { used: '█', dialing: '▞', idle: '░', free: '·' }

/** Who has the places of a row: in use, being dialed, idle and free, so many columns wide. */
export function slotBar(places: Places, width: number, paint: Paint): string {
  const strip = stripOf(places)
  const total = strip.kind === 'bar' ? 1 : strip.places.length
  const shareOf = (place: Place): number =>
    strip.kind === 'bar'
      ? (strip.shares.find((each) => each.place === place)?.share ?? 0)
      : strip.places.filter((each) => each === place).length / Math.max(1, total)
  const wanted = (['used', 'dialing', 'idle'] as const).map((place) => [place, shareOf(place)] as const)
  let room = width
  const parts = wanted.map(([place, share]): [Place, number] => {
    // What is there at all is seen, however few it is of many.
    const columns = share === 0 ? 0 : Math.min(room, Math.max(1, Math.round(share * width)))
    room -= columns
    return [place, columns]
  })
  const full = places.limit !== null && places.used >= places.limit
  return [...parts, ['free', room] as [Place, number]]
    .map(([place, columns]) => {
      const text = signs[place].repeat(columns)
      if (place === 'used') return paint(full ? 'red' : 'green', text)
      return place === 'dialing' ? paint('yellow', text) : paint('dim', text)
    })
    .join('')
}
