// A session in which nothing happens any more: how long it has been so, and when that ends it.
import { runningCalls } from './calls.js'
import type { Event, Millis, Rule } from './model.js'
import type { Live } from './state.js'

/** While somebody speaks or a tool runs, or at the very moment when the client asks for something, the silence has not begun. */
export const stir =
  (at: Millis, event?: Event): Rule<Live> =>
  (live) =>
    live.start.idleAfter !== undefined && (isBusy(live) || event?.type.startsWith('client.'))
      ? [{ ...live, stirredAt: at }, []]
      : [live, []]

/** When the silence has lasted too long; undefined while there is none. */
export const idleAt = (live: Live): Millis | undefined =>
  live.start.idleAfter === undefined || isBusy(live) ? undefined : live.stirredAt + live.start.idleAfter

/** Without a connection nobody can be heard: that session has its grace. */
const isBusy = (live: Live): boolean =>
  live.reply !== undefined ||
  live.user.is !== 'silent' ||
  live.connection.is === 'down' ||
  live.ending !== undefined ||
  live.entry !== undefined ||
  runningCalls(live).length > 0
