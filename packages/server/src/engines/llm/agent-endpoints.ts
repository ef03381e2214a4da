// Which language model answers: the one that the agent brings, or the one of the server.
import type { Llm } from '../engine.js'

/** Sends requests that name an endpoint to `endpoints`, all others to `own`. Announces itself as `own`. Closes both. */
export const withAgentEndpoints = (own: Llm, endpoints: Llm): Llm => ({
  info: own.info,
  open: (request, signal) => (request.endpoint ? endpoints : own).open(request, signal),
  close: async () => {
    await Promise.all([own.close(), endpoints.close()])
  },
})
