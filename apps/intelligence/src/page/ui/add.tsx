import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { giveFiles, giveText, namedFiles } from '../give.ts'

/** Where documents come in; they may also be dropped and pasted anywhere on the page. */
export function Add(): JSX.Element {
  const input = useRef<HTMLInputElement>(null)
  const take = (): void => {
    const { current } = input
    if (current === null) return
    void giveFiles(namedFiles(current.files ?? []))
    // The same file can be chosen once more.
    current.value = ''
  }
  return (
    <section class="panel add" aria-labelledby="add">
      <h2 id="add" tabIndex={-1}>
        Add documents
      </h2>
      <div class="drop">
        <svg viewBox="0 0 24 24" width="28" height="28" aria-hidden="true">
          <path d="M12 16V4M7 9l5-5 5 5M4 15v5h16v-5" />
        </svg>
        <p>
          Drop files or folders anywhere on this page, paste text, or
          <button type="button" class="primary" onClick={() => input.current?.click()}>
            Choose files
          </button>
        </p>
        <p class="soft">
          Texts in UTF-8, such as Markdown. A file with the name of one that is there takes its place.
        </p>
        <input ref={input} type="file" multiple hidden aria-label="Files" onChange={take} />
      </div>
      <Write />
    </section>
  )
}

function Write(): JSX.Element {
  const [text, setText] = useState('')
  const [title, setTitle] = useState('')
  const submit = (event: Event): void => {
    event.preventDefault()
    void giveText(text, title)
    setText('')
    setTitle('')
  }
  return (
    <details class="write">
      <summary>Write a text</summary>
      <form onSubmit={submit}>
        <label>
          Title <small>or its first line</small>
          <input
            type="text"
            maxLength={500}
            value={title}
            onInput={({ currentTarget }) => setTitle(currentTarget.value)}
          />
        </label>
        <label>
          Text
          <textarea
            rows={5}
            required
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
        <button type="submit">Add this text</button>
      </form>
    </details>
  )
}
