// What a call looks like while it goes on: lines for a reader, or one JSON object per line for a program.
import { bytesPerSample, type Encoding, sampleRateHz, type TimedServerEvent } from '@parley/protocol'
import type { Terminal } from '../terminal.js'
import type { TurnReport } from './call.js'

export interface View {
  show(event: TimedServerEvent | TurnReport): void
}

/** Who said what, as it grows; below each turn how long the answer took. */
export function textView(terminal: Terminal): View {
  const { style } = terminal
  let reply = ''
  let isReady = false
  const user = (text: string) => `${style.cyan('you  ')}  ${text}`
  const agent = (text: string) => `${style.green('agent')}  ${text}`
  return {
    show(event) {
      switch (event.type) {
        case 'session.ready':
          isReady = true
          return
        case 'transcript.user.delta':
          return terminal.live(`you    ${event.text}`)
        case 'transcript.user':
          return terminal.print(user(event.text))
        case 'reply.started':
          reply = ''
          return
        case 'transcript.agent.delta':
          reply = joined(reply, event.delta)
          return terminal.live(`agent  ${reply}`)
        case 'transcript.agent':
          return terminal.print(agent(`${event.text}${event.interrupted ? style.dim(' … (interrupted)') : ''}`))
        case 'reply.error':
          return terminal.fail(`The agent could not answer: ${event.message}`)
        case 'session.error':
          // before the session is ready it is what the command fails with, and is told there
          if (isReady) terminal.note(`The server reports: ${event.message}`)
          return
        case 'talk.turn':
          return terminal.note(`       ${timing(event)}`)
        default:
          return
      }
    },
  }
}

/** Every event as the server sent it, less what only a program on the line needs: the sound, and the secret to resume with. */
export function jsonView(terminal: Terminal): View {
  let encoding: Encoding = 'audio/pcm'
  return {
    show(event) {
      if (event.type === 'session.ready') {
        encoding = event.config.output.format.encoding
        const { resume_token: _, ...shown } = event
        return terminal.print(JSON.stringify(shown))
      }
      if (event.type !== 'reply.audio') return terminal.print(JSON.stringify(event))
      const { data, ...shown } = event
      terminal.print(JSON.stringify({ ...shown, duration_ms: durationOf(data, encoding) }))
    },
  }
}

function timing({ answered, latency_ms }: TurnReport): string {
  if (!answered) return 'no answer came'
  return latency_ms === null ? 'answered' : `answered ${(latency_ms / 1000).toFixed(2)} s after the end of speech`
}

/** Words come bare or with a space at their end; one is put between two that have none (protocol.md section 3.4). */
const joined = (text: string, word: string): string =>
  text === '' || /\s$/.test(text) || /^[\s.,;:!?)]/.test(word) ? text + word : `${text} ${word}`

function durationOf(base64: string, encoding: Encoding): number {
  const bytes = Buffer.byteLength(base64, 'base64')
  return Math.round((bytes / bytesPerSample[encoding] / sampleRateHz[encoding]) * 1000)
}
