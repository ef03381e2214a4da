// What becomes of clients that do what no client should, and of the others meanwhile.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { tone } from '../audio/tone.js'
import { Peer } from '../helpers/peer.js'
import { Talker } from '../helpers/talker.js'
import { type FaultyLink, startProxy } from './proxy.js'
import { faults, PATIENCE_MS, replied, type Scene, SEED } from './scene.js'

const FIRST_MESSAGE_SECONDS = 3
/** Short, but one that is alive answers in time on a busy machine. */
const PING_SECONDS = 5
const BAD_TOKENS = 10_000
const BAD_TOKENS_AT_ONCE = 50

const links: FaultyLink[] = []
const open = async () => ({
  environment: {
    PARLEY_FIRST_MESSAGE_SECONDS: String(FIRST_MESSAGE_SECONDS),
    PARLEY_PING_SECONDS: String(PING_SECONDS),
    PARLEY_TTS_OPTIONS: JSON.stringify({ msPerCharacter: 10 }),
  },
  async close() {
    for (const link of links) await link.close()
  },
})

/** A way to the server that can be cut. */
async function linkTo(scene: Scene): Promise<FaultyLink & { url: string }> {
  const link = await startProxy(Number(new URL(scene.server.url).port), SEED)
  links.push(link)
  return Object.assign(link, { url: `http://127.0.0.1:${link.port}` })
}

const idOf = (peer: Peer): string => String(peer.of('session.ready')[0]?.session_id)

/** Waits until the session is over, as the history has it. */
async function over(scene: Scene, id: string, reason: string): Promise<void> {
  for (const end = performance.now() + 2 * PATIENCE_MS; ; await sleep(100)) {
    const { text } = await scene.rest('GET', `/v1/sessions/${id}`)
    const { public_close_reason: why } = JSON.parse(text)
    if (why === reason) return
    assert.ok(performance.now() < end, text)
  }
}

faults(
  'Clients',
  open,
  {
    'it stops reading': async (scene) => {
      const peer = await scene.ready()
      // each update is answered with the whole configuration
      const update = { type: 'session.update', session: { system_prompt: 'Be brief. '.repeat(20_000) } }
      peer.socket.pause()
      const sending = setInterval(() => peer.send(update), 50)
      await scene.logged('The client has stopped reading', 2 * PATIENCE_MS).finally(() => clearInterval(sending))
      peer.socket.terminate()
      await over(scene, idOf(peer), 'participant_disconnected')
    },
    'its connection is dead, and nobody was told': async (scene) => {
      const link = await linkTo(scene)
      const peer = await scene.ready(undefined, link.url)
      link.fault = { is: 'silence' }
      await over(scene, idOf(peer), 'participant_disconnected')
      await link.close()
    },
    'it vanishes in mid-speech': async (scene) => {
      const link = await linkTo(scene)
      const peer = await scene.ready(undefined, link.url)
      const talker = new Talker(peer)
      void talker.say(tone(200, 24_000, 48_000))
      await peer.next('input.speech.started', () => true, PATIENCE_MS)
      link.resetAll()
      await peer.closed
      talker.stop()
      await over(scene, idOf(peer), 'participant_disconnected')
      await link.close()
    },
    'a hundred connections resume one session at once': async (scene) => {
      const first = await scene.ready()
      const session_id = idOf(first)
      const rest = await Promise.all(
        Array.from({ length: 100 }, async () => {
          const peer = await scene.open()
          peer.send({ type: 'session.resume', session_id })
          return peer
        }),
      )
      await first.closed
      const isOpen = ({ socket }: Peer) => socket.readyState === socket.OPEN
      await scene.server.until(() => rest.filter(isOpen).length === 1, PATIENCE_MS)
      const [winner] = rest.filter(isOpen)
      await winner!.first('session.ready')
      assert.equal((await replied(winner!)).status, 'completed')
      await winner!.end()
      assert.equal(rest.filter((peer) => peer.of('session.ended').length === 1).length, 1)
    },
    'ten thousand connections come with a token that is none': async (scene) => {
      let refused = 0
      const token = `parley_tk_${'0'.repeat(43)}`
      const knock = async () => {
        const peer = await Peer.open(scene.server.url, { token })
        const { code } = await peer.closed
        assert.deepEqual([code, peer.frames[0]?.code], [1008, 'unauthorized'])
        refused += 1
      }
      const talks = scene.ready().then(async (peer) => {
        assert.equal((await replied(peer)).status, 'completed')
        await peer.end()
      })
      const knocker = async () => {
        while (refused < BAD_TOKENS - BAD_TOKENS_AT_ONCE) await knock()
        await knock()
      }
      await Promise.all([talks, ...Array.from({ length: BAD_TOKENS_AT_ONCE }, knocker)])
      assert.ok(refused >= BAD_TOKENS)
      const last = await scene.open({ token })
      await last.closed
    },
    'it sends sound ten times as fast as it plays': async (scene) => {
      const peer = await scene.ready()
      const error = peer.next('session.error', () => true, PATIENCE_MS)
      const second = Buffer.alloc(48_000).toString('base64')
      for (let seconds = 0; seconds < 30; seconds += 1) {
        peer.send({ type: 'input.audio', audio: second })
        await sleep(100)
      }
      assert.equal((await error).code, 'audio_rate_violation')
      assert.equal((await replied(peer)).status, 'completed')
      await peer.end()
    },
    'it sends a frame in pieces without end': async (scene) => {
      const peer = await scene.ready()
      const sending = setInterval(
        () => peer.socket.send('{"type":"session.update","x":"'.repeat(1000), { fin: false }),
        5,
      )
      const { code } = await peer.closed
      clearInterval(sending)
      assert.equal(code, 1009)
      await over(scene, idOf(peer), 'participant_disconnected')
    },
    'it connects and says nothing': async (scene) => {
      const peer = await scene.open()
      const { code } = await peer.closed
      assert.equal(code, 1008)
    },
    'it ends the session twice': async (scene) => {
      const peer = await scene.ready()
      peer.send({ type: 'session.end' })
      peer.send({ type: 'session.end' })
      const { code } = await peer.closed
      assert.deepEqual([code, peer.of('session.ended').length, peer.of('session.error')], [1000, 1, []])
    },
  },
  { together: true },
)
