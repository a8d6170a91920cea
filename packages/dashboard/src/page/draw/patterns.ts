/** Fillings that can be told apart without colours: tiles for a canvas, and the same strokes for a legend's swatch. */
import type { Pattern } from '../state/plots.ts'

/** The edge of a tile, in CSS pixels. */
export const TILE = 8

/** Strokes over a tile of the plain colour. `solid` and `light` have none. */
export const strokes: Readonly<Record<Pattern, string>> = {
  solid: '',
  light: '',
  up: 'M-2 10L10 -2M-2 2L2 -2M6 10L10 6',
  down: 'M-2 -2L10 10M6 -2L10 2M-2 6L2 10',
  cross: 'M0 0L8 8M8 0L0 8',
  dots: 'M2 2h1.5M6 6h1.5',
  flat: 'M0 2H8M0 6H8',
  upright: 'M2 0V8M6 0V8',
}

/** How much of the colour is in the ground; less where strokes go over it. */
const grounds: Readonly<Partial<Record<Pattern, number>>> = { solid: 0.7, light: 0.35 }

const made = new Map<string, CanvasPattern | string>()

/** `ratio`: device pixels in a CSS pixel. Charts ask with each drawing, so that what was made is kept. */
export function fillOf(
  context: CanvasRenderingContext2D,
  pattern: Pattern,
  colour: string,
  paper: string,
  ratio: number,
): CanvasPattern | string {
  const key = [pattern, colour, paper, ratio].join()
  let fill = made.get(key)
  if (fill === undefined) {
    fill = context.createPattern(tileOf(pattern, colour, paper, ratio), 'repeat') ?? colour
    made.set(key, fill)
  }
  return fill
}

function tileOf(pattern: Pattern, colour: string, paper: string, ratio: number): HTMLCanvasElement {
  const tile = document.createElement('canvas')
  tile.width = tile.height = Math.round(TILE * ratio)
  const brush = tile.getContext('2d')!
  brush.scale(tile.width / TILE, tile.height / TILE)
  brush.fillStyle = paper
  brush.fillRect(0, 0, TILE, TILE)
  brush.globalAlpha = grounds[pattern] ?? 0.3
  brush.fillStyle = colour
  brush.fillRect(0, 0, TILE, TILE)
  brush.globalAlpha = 1
  brush.strokeStyle = colour
  brush.lineWidth = 1.6
  brush.stroke(new Path2D(strokes[pattern]))
  return tile
}
