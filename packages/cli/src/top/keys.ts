/** What was pressed, out of the bytes that a terminal sends in raw mode. Pure. */

export type Key =
  | 'up'
  | 'down'
  | 'first'
  | 'last'
  | 'quit'
  | 'interrupt'
  | 'suspend'
  | 'pause'
  | 'sort'
  | 'sort-back'
  | 'details'
  | 'process'
  | 'help'
  | 'redraw'

const keys: Readonly<Record<string, Key>> = {
  '\x1b[A': 'up',
  '\x1bOA': 'up',
  k: 'up',
  '\x1b[B': 'down',
  '\x1bOB': 'down',
  j: 'down',
  '\x1b[H': 'first',
  '\x1b[1~': 'first',
  g: 'first',
  '\x1b[F': 'last',
  '\x1b[4~': 'last',
  G: 'last',
  q: 'quit',
  Q: 'quit',
  '\x1b': 'quit',
  '\x03': 'interrupt',
  '\x1a': 'suspend',
  p: 'pause',
  ' ': 'pause',
  s: 'sort',
  S: 'sort-back',
  d: 'details',
  '\r': 'details',
  '\n': 'details',
  '\t': 'process',
  '?': 'help',
  h: 'help',
  '\x0c': 'redraw',
}

/** Escape sequences as a whole, everything else by character. Those that mean nothing here are passed over. */
export function keysIn(text: string): Key[] {
  const parts = text.match(/\x1b(?:\[[\d;?]*[ -/]*[@-~]|O[A-Za-z])|[\s\S]/gu) ?? []
  return parts.flatMap((part) => (Object.hasOwn(keys, part) ? [keys[part]!] : []))
}
