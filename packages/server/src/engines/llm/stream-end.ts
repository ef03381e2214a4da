// Whether a stream of events came to its end mark, `data: [DONE]`, or was merely closed: the client that reads it does not tell.

const marks = new WeakMap<Response, EndMark>()

/** A `fetch` whose answers can be asked whether they came to their end mark. */
export const watchingEnds =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  async (...request) => {
    const answer = await fetch(...request)
    if (!answer.ok || !answer.body) return answer
    const mark = new EndMark()
    const watched = new Response(answer.body.pipeThrough(mark.watch()), answer)
    marks.set(watched, mark)
    return watched
  }

/** Of an answer that such a `fetch` gave, once its body was read. */
export const cameToEnd = (answer: Response): boolean => marks.get(answer)?.wasSeen ?? false

const MARK = /(?:^|[\r\n])data: ?\[DONE\]/
/** What of the text so far may be the beginning of the mark. */
const KEPT = '\ndata: [DONE]'.length

class EndMark {
  wasSeen = false
  #tail = ''

  watch(): TransformStream<Uint8Array, Uint8Array> {
    // each byte a character: the mark has none of several bytes
    const decoder = new TextDecoder('latin1')
    return new TransformStream({
      transform: (piece, controller) => {
        this.#tail += decoder.decode(piece)
        this.wasSeen ||= MARK.test(this.#tail)
        this.#tail = this.#tail.slice(-KEPT)
        controller.enqueue(piece)
      },
    })
  }
}
