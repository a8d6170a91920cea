/** Light, dark, or what the system says; remembered where the browser allows it. */
import { Cell } from '../cell.ts'

export type Theme = 'auto' | 'light' | 'dark'
export const themes: readonly Theme[] = ['auto', 'light', 'dark']
const KEY = 'keepwarm.theme'
const systemDark = matchMedia('(prefers-color-scheme: dark)')

export const theme: Cell<Theme> = new Cell(remembered())
/** Grows whenever colours change, so that what is drawn by hand is drawn anew. */
export const paint: Cell<number> = new Cell(0)

export function applyTheme(): void {
  show()
  systemDark.addEventListener('change', show)
}

export function setTheme(next: Theme): void {
  theme.value = next
  try {
    localStorage.setItem(KEY, next)
  } catch {
    // A browser that keeps nothing for us asks again the next time.
  }
  show()
}

function show(): void {
  const system = systemDark.matches ? 'dark' : 'light'
  document.documentElement.dataset['theme'] = theme.value === 'auto' ? system : theme.value
  paint.value++
}

function remembered(): Theme {
  try {
    const kept = localStorage.getItem(KEY)
    return themes.find((known) => known === kept) ?? 'auto'
  } catch {
    return 'auto'
  }
}
