// A session in which nothing happens any more: how long it has been so, and when that ends it.
import type { Event, Millis, Rule } from './model.js'
import type { Live } from './state.js'

/** While somebody speaks, or at the very moment when the client asks for something, the silence has not begun. */
export const stir =
  (at: Millis, event?: Event): Rule<Live> =>
  (live) =>
    live.start.idleAfter !== undefined && (isBusy(live) || event?.type.startsWith('client.'))
      ? [{ ...live, stirredAt: at }, []]
      : [live, []]

/** When the silence has lasted too long; undefined while there is none. */
export const idleAt = (live: Live): Millis | undefined =>
  live.start.idleAfter === undefined || isBusy(live) ? undefined : live.stirredAt + live.start.idleAfter

const isBusy = ({ user, reply }: Live): boolean => reply !== undefined || user.is !== 'silent'
