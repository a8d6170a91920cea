/** The colours of the style sheet, for what is drawn on canvas. */

export interface Palette {
  readonly colour: (name: string) => string
  readonly paper: string
  readonly ink: string
  readonly faint: string
  readonly grid: string
}

export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element)
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return { colour, paper: colour('panel'), ink: colour('ink'), faint: colour('soft'), grid: colour('grid') }
}
