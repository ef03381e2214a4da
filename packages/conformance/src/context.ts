// What an item has in its hands: connections, requests, agents, a model, tools, speech; and what it leaves behind is
// taken away after it.
import { type Fields, like, list, must, object, Skip, same, show, string } from './expect.js'
import type { Facts } from './facts.js'
import { type Answering, Callbacks, type Endpoint } from './kit/callbacks.js'
import { Caller, type CallerOptions } from './kit/caller.js'
import { type Model, type Script, startModel } from './kit/model.js'
import { type Credentials, Peer } from './wire/peer.js'
import { type Answer, type RequestOptions, request, status } from './wire/rest.js'
import { decode, joined, soundOf, trimmed } from './wire/sound.js'
import type { Frame, Trace } from './wire/trace.js'

/** How the names of made speech begin. */
const SPEECH = 'speech: '

/** What all items of a run share. */
export class World {
  readonly facts: Facts
  readonly callbacks: Callbacks
  readonly traces: Trace[] = []
  readonly #shared = new Map<string, Promise<unknown>>()
  readonly #contexts: Context[] = []

  private constructor(facts: Facts, callbacks: Callbacks) {
    this.facts = facts
    this.callbacks = callbacks
  }

  static async of(facts: Facts): Promise<World> {
    return new World(facts, await Callbacks.start(facts))
  }

  /** What several items look at is made once, by the first that asks, and kept for the run. */
  once<Made>(name: string, item: number, make: (context: Context) => Promise<Made>): Promise<Made> {
    const made = this.#shared.get(name) ?? this.#make(name, item, make)
    // True: under one name stands only what the same function made.
    return made as Promise<Made>
  }

  /** What was made is made anew for whoever asks next, but for the speech, which is as good as ever. */
  forget(): void {
    for (const name of this.#shared.keys()) if (!name.startsWith(SPEECH)) this.#shared.delete(name)
  }

  #make<Made>(name: string, item: number, make: (context: Context) => Promise<Made>): Promise<Made> {
    const context = new Context(this, item)
    this.#contexts.push(context)
    const made = make(context)
    this.#shared.set(name, made)
    // one that failed is made anew for whoever asks next
    made.catch(() => this.#shared.delete(name))
    return made
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#contexts.map((context) => context.close()))
    await this.callbacks.close()
  }
}

export class Context {
  readonly facts: Facts
  readonly #world: World
  readonly #item: number
  readonly #peers: Peer[] = []
  readonly #callers: Caller[] = []
  readonly #created: string[] = []

  constructor(world: World, item: number) {
    this.#world = world
    this.#item = item
    this.facts = world.facts
  }

  once<Made>(name: string, make: (context: Context) => Promise<Made>): Promise<Made> {
    return this.#world.once(name, this.#item, make)
  }

  async open(credentials: Credentials = { authorization: this.facts.key }): Promise<Peer> {
    const peer = await Peer.open(this.#item, this.facts.url, credentials)
    this.#peers.push(peer)
    this.#world.traces.push(peer)
    return peer
  }

  /** Open, and the first update sent. */
  async begun(session: unknown, credentials?: Credentials): Promise<Peer> {
    const peer = await this.open(credentials)
    peer.send({ type: 'session.update', session })
    return peer
  }

  /** Open, with a session that is ready. */
  async ready(session: unknown = { system_prompt: 'Be brief.' }, credentials?: Credentials): Promise<Peer> {
    const peer = await this.begun(session, credentials)
    await peer.first('session.ready')
    return peer
  }

  /** A first update that ends its connection with 1008: the one frame that says why. */
  async refused(session: unknown): Promise<Frame> {
    const peer = await this.begun(session)
    same((await peer.closing()).code, 1008, 'the close code')
    same(peer.course, ['session.error'], 'what the update was answered with')
    return peer.frames[0]!
  }

  rest(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    return request(`${this.facts.url}${path}`, method, this.facts.key, options)
  }

  /** A stored agent with these fields; deleted at the end. */
  async agent(fields: Fields = {}): Promise<Fields & { readonly id: string }> {
    const answer = await this.create('/v1/agents', {
      name: 'Conformance',
      system_prompt: 'Be brief.',
      voice: { voice_id: 'alba' },
      ...fields,
    })
    const body = status(answer, 201, 'POST /v1/agents').body
    return { ...body, id: string(body.id, 'the id of the agent') }
  }

  /** POST; what it made is deleted at the end. Skips where the server will not call the suite's own address. */
  async create(path: string, body: Fields): Promise<Answer> {
    const answer = await this.rest('POST', path, { body })
    if (answer.status < 300) this.#created.push(`${path}/${string(answer.body.id, 'id')}`)
    if (answer.status === 422 && /URL host|public|private|https|resolve/i.test(answer.text) && this.#callsBack(body))
      throw new Skip(
        `the server will not call the suite's own address: ${show(answer.body.message)}. Name one that it will with --callback-url.`,
      )
    return answer
  }

  #callsBack = (body: Fields): boolean =>
    JSON.stringify(body).includes(this.facts.callbackUrl ?? `//${this.facts.callbackHost}:`)

  model(script: Script): Model {
    return startModel(this.#world.callbacks, script)
  }

  endpoint(answering: Answering): Endpoint {
    return this.#world.callbacks.endpoint(answering)
  }

  /** A session that is ready with a stored agent whose model follows the script. */
  async modelled(script: Script, fields: Fields = {}): Promise<{ peer: Peer; model: Model; agentId: string }> {
    const model = this.model(script)
    const { id } = await this.agent({ llm: [model.entry], ...fields })
    return { peer: await this.ready({ agent_id: id }), model, agentId: id }
  }

  caller(peer: Peer, options?: CallerOptions): Caller {
    const caller = new Caller(peer, options)
    this.#callers.push(caller)
    return caller
  }

  /** The sentence as speech of 24 kHz: the server itself speaks it, once, as a greeting. */
  speech(sentence: string): Promise<Int16Array> {
    return this.once(`${SPEECH}${sentence}`, async (context) => {
      const peer = await context.ready({ greeting: sentence, output: { voice: context.facts.userVoice } })
      await peer.first('reply.done')
      await peer.end()
      const sound = joined(peer.of('reply.audio').map((frame) => decode(soundOf(frame), 'audio/pcm')))
      must(sound.length > 0, 'the greeting had no sound')
      return trimmed(sound)
    })
  }

  async token(query = 'expires_in_seconds=60'): Promise<string> {
    const answer = status(await this.rest('GET', `/v1/token?${query}`), 200, 'GET /v1/token')
    return like(answer.body.token, /./, 'token')
  }

  /** The ids in a page of a list. */
  async listed(path: string, member: string): Promise<readonly unknown[]> {
    const { body } = status(await this.rest('GET', path), 200, `GET ${path}`)
    return list(body[member], member).map((value) => object(value, `an entry of ${member}`).id)
  }

  /** Ends the sessions that are still open and deletes what was made. */
  async close(): Promise<void> {
    for (const caller of this.#callers) caller.stop()
    for (const peer of this.#peers) {
      peer.send({ type: 'session.end' })
      peer.socket.close()
      setTimeout(() => peer.socket.terminate(), 2_000).unref()
    }
    for (const path of this.#created.splice(0)) await this.rest('DELETE', path).catch(() => {})
  }
}
