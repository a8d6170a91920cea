import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Glyph, glyphs } from './marks.tsx'

/** A line to be taken along, with a button that does it. */
export function Copyable({ text }: { text: string }): JSX.Element {
  const [state, setState] = useState<'' | 'copied' | 'select it by hand'>('')
  const take = async (): Promise<void> => {
    setState((await copy(text)) ? 'copied' : 'select it by hand')
    setTimeout(() => setState(''), 2_000)
  }
  return (
    <span class="copyable">
      <code>{text}</code>
      <button type="button" class="small" onClick={() => void take()} aria-label={`Copy ${text}`}>
        <Glyph path={glyphs.copy} /> Copy
      </button>
      <span role="status">{state}</span>
    </span>
  )
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // Pages that do not come over TLS or from this machine may not.
    return false
  }
}
