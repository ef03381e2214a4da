// The middle of the page: the button to talk, what the agent does now, and the way to type instead.
import type { Activity, Conversation, TalkView } from '@parley/client'
import { useEffect, useRef } from 'preact/hooks'
import { MicrophoneIcon, MutedIcon, SendIcon, StopIcon } from './icons.js'
import { Meter } from './meter.js'

interface StageProps {
  readonly conversation: Conversation | undefined
  readonly view: TalkView | undefined
  readonly agentName: string | undefined
  /** Why there is nothing to talk to yet. */
  readonly waiting: string | undefined
  /** Begins to talk, or, with the first thing to say, to write. */
  start(writing?: string): void
  end(): void
}

const says: Readonly<Record<Activity, string>> = {
  connecting: 'Connecting',
  reconnecting: 'Reconnecting',
  listening: 'Listening',
  'hearing you': 'Hearing you',
  thinking: 'Thinking',
  speaking: 'Speaking',
  ended: 'Ended',
}

export const isRunning = (view: TalkView | undefined): boolean => view !== undefined && view.activity !== 'ended'

export function Stage({ conversation, view, agentName, waiting, start, end }: StageProps) {
  const running = isRunning(view)
  const activity = running && view ? view.activity : 'ended'
  const orb = useLevels(running ? conversation : undefined)
  const rest = waiting ?? (view && view.turns.length > 0 ? 'Ended. Press to talk again.' : 'Press to talk')
  return (
    <section class="stage" aria-label="Talk" data-activity={running ? activity.replace(' ', '-') : 'idle'}>
      <div class="orb" ref={orb}>
        <span class="ring outer" />
        <span class="ring inner" />
        <button
          type="button"
          class="talk"
          disabled={waiting !== undefined && !running}
          onClick={() => (running ? end() : start())}
        >
          {running ? <StopIcon /> : <MicrophoneIcon />}
          <span>{running ? 'End' : 'Talk'}</span>
        </button>
      </div>
      <p class="activity" role="status">
        {running ? says[activity] : rest}
      </p>
      <Meter latenciesMs={view?.latenciesMs ?? []} />
      <Writing
        placeholder={`${running ? 'Or write' : 'Write'} to ${agentName ?? 'the agent'}`}
        microphone={running && view ? view.microphone : 'off'}
        disabled={running ? activity === 'connecting' : waiting !== undefined}
        send={(text) => (running ? conversation?.send(text) : start(text))}
        mute={(muted) => conversation?.mute(muted)}
      />
    </section>
  )
}

interface WritingProps {
  readonly placeholder: string
  readonly microphone: TalkView['microphone']
  readonly disabled: boolean
  send(text: string): void
  mute(muted: boolean): void
}

function Writing({ placeholder, microphone, disabled, send, mute }: WritingProps) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const text = String(new FormData(form).get('text') ?? '').trim()
    if (text === '') return
    send(text)
    form.reset()
  }
  return (
    <form class="writing" onSubmit={submit}>
      <button
        type="button"
        class="plain mute"
        disabled={microphone === 'off'}
        aria-pressed={microphone === 'muted'}
        aria-label="Mute the microphone"
        title="Mute the microphone"
        onClick={() => mute(microphone === 'on')}
      >
        {microphone === 'muted' ? <MutedIcon /> : <MicrophoneIcon />}
      </button>
      <label class="unseen" for="text">
        Write instead of speaking
      </label>
      <input id="text" name="text" autocomplete="off" disabled={disabled} placeholder={placeholder} />
      <button type="submit" class="plain" disabled={disabled} aria-label="Send" title="Send">
        <SendIcon />
      </button>
    </form>
  )
}

/** Lets the rings follow the voices: their loudness goes into CSS sixty times a second, past the page's state. */
function useLevels(conversation: Conversation | undefined) {
  const orb = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!conversation) return
    let user = 0
    let agent = 0
    let frame = requestAnimationFrame(function draw() {
      const levels = conversation.levels
      user = smoothed(user, Math.min(1, levels.user * 6))
      agent = smoothed(agent, Math.min(1, levels.agent * 1.5))
      orb.current?.style.setProperty('--user', user.toFixed(3))
      orb.current?.style.setProperty('--agent', agent.toFixed(3))
      frame = requestAnimationFrame(draw)
    })
    return () => cancelAnimationFrame(frame)
  }, [conversation])
  return orb
}

/** Rises at once and falls slowly, as the eye likes it. */
const smoothed = (before: number, now: number): number => (now > before ? now : before * 0.88 + now * 0.12)
