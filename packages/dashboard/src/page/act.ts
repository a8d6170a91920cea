/** Changes something at the service, where it lets the reader; says in a sentence what came of it. */

interface Answer {
  readonly text?: string
  readonly detail?: string
  readonly problems?: readonly { readonly variable: string; readonly expected: string }[]
}

export async function act(name: 'breakers' | 'drain' | 'limits', body: object): Promise<string> {
  const mount = location.pathname.replace(/\/?$/, '/')
  try {
    const response = await fetch(`${mount}admin/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-keepwarm-admin': '1' },
      body: JSON.stringify(body),
    })
    return sentence(response, (await response.json()) as Answer)
  } catch {
    return 'The service did not answer.'
  }
}

function sentence({ ok, status }: Response, { text, detail, problems = [] }: Answer): string {
  if (ok) return `Done: ${text ?? 'changed'}.`
  const wrong = problems.map(({ variable, expected }) => `${variable}: ${expected}`)
  return `Refused: ${[detail ?? `status ${status}`, ...wrong].join('; ')}`
}
