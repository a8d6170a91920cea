import type { JSX } from 'preact'
import { searchEntity } from '../find.ts'
import { kindOf } from '../state/kinds.ts'
import type { Named } from '../state/marks.ts'

/** An entity that leads to everything that mentions it. */
export function EntityButton({ entity: { name, type } }: { entity: Named }): JSX.Element {
  const { look, sign, word } = kindOf(type)
  return (
    <button
      type="button"
      class={`chip kind-${look}`}
      title={`${word}: search for it`}
      onClick={() => searchEntity(name)}
    >
      <span aria-hidden="true">{sign}</span> {name}
      <span class="unseen">, {word}</span>
    </button>
  )
}
