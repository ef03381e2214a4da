// Which engines are in use, said plainly: above all who it is that answers.
import { useEffect, useState } from 'preact/hooks'
import { getJson } from './access.js'

interface Engine {
  readonly kind: string
  readonly name: string
  readonly description: string
}
export interface Readiness {
  readonly ready: boolean
  readonly engines: readonly Engine[]
}

const ASK_AGAIN_MS = 1500

const parts: Readonly<Record<string, string>> = {
  vad: 'Notices speech',
  stt: 'Understands',
  turn: 'Waits for you',
  llm: 'Answers',
  tts: 'Speaks',
}

/** What /readyz says, asked again until every engine has loaded; undefined until the first answer. */
export function useReadiness(): Readiness | undefined {
  const [readiness, setReadiness] = useState<Readiness>()
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let gone = false
    const ask = async () => {
      const answer = readinessOf(await getJson('/readyz').catch(() => undefined))
      if (gone) return
      if (answer) setReadiness(answer)
      if (!answer?.ready) timer = setTimeout(ask, ASK_AGAIN_MS)
    }
    void ask()
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [])
  return readiness
}

export function Engines({ readiness }: { readonly readiness: Readiness | undefined }) {
  if (!readiness || readiness.engines.length === 0) return null
  const answers = readiness.engines.find(({ kind }) => kind === 'llm')
  return (
    <footer class="engines">
      {answers && (
        <p class="answers">
          Answers come from <strong>{answers.name}</strong>. {answers.description}
        </p>
      )}
      <details>
        <summary>All engines in use</summary>
        <dl>
          {readiness.engines.map(({ kind, name, description }) => (
            <div key={`${kind} ${name}`}>
              <dt>{parts[kind] ?? kind}</dt>
              <dd>
                <strong>{name}</strong> {description}
              </dd>
            </div>
          ))}
        </dl>
      </details>
    </footer>
  )
}

function readinessOf(answer: unknown): Readiness | undefined {
  if (typeof answer !== 'object' || answer === null || !('engines' in answer) || !Array.isArray(answer.engines))
    return undefined
  return { ready: 'ready' in answer && answer.ready === true, engines: answer.engines.map(engineOf) }
}

function engineOf(value: unknown): Engine {
  const fields = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : '')
  return { kind: text('kind'), name: text('name'), description: text('description') }
}
