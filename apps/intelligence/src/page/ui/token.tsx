import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { ask, textOf } from '../ask.ts'
import { needsToken } from '../store.ts'

/** A browser shows the token once, and is known by a cookie from then on. */
export function TokenForm({ begin }: { begin: () => void }): JSX.Element {
  const [token, setToken] = useState('')
  const [told, tell] = useState('')
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    tell('…')
    try {
      await ask('POST', 'session', { token })
      needsToken.value = false
      begin()
    } catch (error) {
      tell(textOf(error))
    }
  }
  return (
    <form class="panel token" onSubmit={(event) => void submit(event)}>
      <h2>This service asks for its token</h2>
      <p class="soft">
        It is what API_TOKEN says where the service was started. This browser is then known for twelve hours.
      </p>
      <label>
        Token
        <input
          type="password"
          autocomplete="current-password"
          required
          value={token}
          onInput={({ currentTarget }) => setToken(currentTarget.value)}
        />
      </label>
      <button type="submit" class="primary">
        Open
      </button>
      <p role="alert" class="alarm">
        {told}
      </p>
    </form>
  )
}
