import type { JSX } from 'preact'
import { searchEntity } from '../find.ts'
import { kindOf } from '../state/kinds.ts'
import { piecesOf, type placesOf, type Span } from '../state/marks.ts'

interface MarkedFacts {
  readonly text: string
  readonly found: readonly Span[]
  readonly places: ReturnType<typeof placesOf>
  /** How each piece is written. Default: as it is. */
  readonly write?: (text: string) => string
}

/**
 * A text with what was found and what is known in it. A click on an entity searches for it; for the keyboard each of them
 * stands as a button beside the text.
 */
export function Marked({ text, found, places, write = asItIs }: MarkedFacts): JSX.Element {
  return (
    <>
      {piecesOf(text, found, places).map(({ text: piece, found: isFound, entity }, index) => {
        const inner = isFound ? <mark>{piece}</mark> : write(piece)
        if (entity === undefined) return <span key={index}>{inner}</span>
        const { look, word } = kindOf(entity.type)
        return (
          <span
            key={index}
            class={`entity kind-${look}`}
            title={word}
            onClick={() => searchEntity(entity.name)}
          >
            {inner}
          </span>
        )
      })}
    </>
  )
}

function asItIs(text: string): string {
  return text
}
