// Asks for the API key where the server wants one.
import type { Problem } from './problem.js'

export function KeyForm({ problem, enter }: { readonly problem: Problem | undefined; enter(key: string): void }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const key = new FormData(event.currentTarget as HTMLFormElement).get('key')
    if (typeof key === 'string' && key.trim() !== '') enter(key.trim())
  }
  return (
    <main class="lock">
      <h1>Parley</h1>
      <form onSubmit={submit}>
        <label for="key">API key</label>
        <input id="key" name="key" type="password" autocomplete="off" required autofocus />
        <p class="hint">The server showed it when it was first started. This tab keeps it until you close it.</p>
        {problem && (
          <p class="problem-text" role="alert">
            {problem.title}. {problem.text}
          </p>
        )}
        <button class="primary" type="submit">
          Open
        </button>
      </form>
    </main>
  )
}
