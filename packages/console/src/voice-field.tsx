// The choice of a voice, with a sentence to hear it by.
import type { Voice } from '@parley/client'
import { useState } from 'preact/hooks'
import type { Access } from './access.js'
import { sample } from './conversation.js'
import { ListenIcon } from './icons.js'
import { type Problem, problemOf } from './problem.js'

interface VoiceFieldProps {
  readonly access: Access
  readonly voices: readonly Voice[]
  readonly initial: string | undefined
  failed(problem: Problem): void
}

export function VoiceField({ access, voices, initial, failed }: VoiceFieldProps) {
  const [chosen, setChosen] = useState(initial ?? voices[0]?.voice_id ?? '')
  const [speaking, setSpeaking] = useState(false)
  const voice = voices.find(({ voice_id }) => voice_id === chosen)
  const listen = async (text: string) => {
    setSpeaking(true)
    await sample(access, chosen, text).catch((error) => failed(problemOf(error)))
    setSpeaking(false)
  }
  return (
    <>
      <label for="voice">Voice</label>
      <div class="voice">
        <select
          id="voice"
          name="voice"
          required
          value={chosen}
          onChange={({ currentTarget }) => setChosen(currentTarget.value)}
        >
          {!voice && <option value={chosen}>{chosen}</option>}
          {voices.map(({ voice_id, accent }) => (
            <option key={voice_id} value={voice_id}>
              {`${capital(voice_id)} · ${accent}`}
            </option>
          ))}
        </select>
        <button
          type="button"
          class="plain"
          disabled={!voice || speaking}
          onClick={() => voice && void listen(voice.sample_text)}
        >
          <ListenIcon />
          <span>{speaking ? 'Speaking' : 'Listen'}</span>
        </button>
      </div>
      {voice && (
        <p class="hint" lang={voice.language}>
          “{voice.sample_text}”
        </p>
      )}
    </>
  )
}

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)
