// A server with a telephone for tests: its HTTP interface, its store, virtual time, and carriers that sign what they ask.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { AgentCreate } from '@parley/protocol'
import webhooks from 'twilio/lib/webhooks/webhooks.js'
import { readConfig } from '../../dist/config.js'
import { createdContent, newAgentId } from '../../dist/http/agent-content.js'
import { createGuard } from '../../dist/net/guard.js'
import { type AgentAnswers, agentAnswers } from '../../dist/phone/agent-answers.js'
import type { CarrierName, ConnectedLine, LineEnd, PhoneCall } from '../../dist/phone/call.js'
import { type Phone, phoneOf } from '../../dist/phone/phone.js'
import { SecretBox } from '../../dist/secrets.js'
import { VirtualClock } from '../../dist/session/clock.js'
import type { StoredCall } from '../../dist/storage/call-records.js'
import { openStore } from '../../dist/storage/open.js'
import { defaultAccountId, type Store } from '../../dist/storage/store.js'
import type { Happening } from '../../dist/webhooks/events.js'
import { type Answer, answerOf, type TestApp, testApp } from '../http/app.js'

export const publicUrl = 'https://voice.example.com'
export const accountSid = `AC${'0'.repeat(32)}`
export const authToken = 'the-token-of-twilio'
const telnyx = generateKeyPairSync('ed25519')
const telnyxPublicKey = telnyx.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')

export const twilioSettings = {
  TWILIO_ACCOUNT_SID: accountSid,
  TWILIO_AUTH_TOKEN: authToken,
  PARLEY_PUBLIC_URL: publicUrl,
  TELNYX_PUBLIC_KEY: telnyxPublicKey,
}

export const caller = '+15550123'
export const ours = '+15550100'
export const newSid = (): string => `CA${randomBytes(16).toString('hex')}`
const random = () => randomBytes(16).toString('hex')

type Fields = Readonly<Record<string, string>>

export interface Asking {
  readonly fields?: Fields
  readonly headers?: Readonly<Record<string, string>>
  /** What is signed in place of the address that is asked. */
  readonly signedUrl?: string
  /** Before its signature is known to be right or wrong. */
  readonly tampered?: (body: string) => string
}

export interface Office {
  readonly app: TestApp
  readonly store: Store
  readonly clock: VirtualClock
  readonly phone: Phone
  readonly happenings: Happening[]
  readonly logged: string[]
  /** For whom it was asked whether there is a place for a session. */
  readonly refused: {
    readonly accountId: string
    readonly keyId: string | undefined
    readonly max: number | undefined
  }[]
  /** What the agents of this office say about phones, for tests to change. */
  readonly says: { -readonly [Key in keyof AgentAnswers]?: AgentAnswers[Key] }
  /** Why no session can be had, for tests to change. */
  refusal: { readonly code: 'at_capacity'; readonly message: string } | undefined
  /** `path` and query; signed as the carrier does it. */
  asks(carrier: CarrierName, path: string, asking?: Asking): Promise<Answer>
  agent(fields?: object, accountId?: string): Promise<string>
  /** A call that has come in; what it was answered, and its record. */
  comesIn(agentId: string, sid?: string): Promise<{ readonly answer: Answer; readonly call: StoredCall }>
  /** The line of an answer is connected as the media socket would do it. */
  connect(answer: Answer, carrier?: CarrierName): Promise<Connected>
  call(id: string): Promise<StoredCall>
  /** Time passes, in steps, until it holds. */
  until(holds: () => boolean | Promise<boolean>, stepMs?: number): Promise<void>
  close(): Promise<void>
}

export interface Connected {
  readonly call: PhoneCall
  readonly sessionId: string
  readonly line: ConnectedLine & { readonly done: string[] }
  /** The line is gone. */
  over(end?: LineEnd): Promise<void>
}

export async function startOffice(environment: Fields = {}, shared?: Store): Promise<Office> {
  const settings = { ...twilioSettings, ...environment }
  const { config } = readConfig(settings)
  const store = shared ?? (await openStore('memory'))
  const clock = new VirtualClock()
  const happenings: Happening[] = []
  const logged: string[] = []
  const refused: Office['refused'] = []
  const says: Office['says'] = {}
  const state: { refusal: Office['refusal'] } = { refusal: undefined }
  const secrets = new SecretBox(randomBytes(32))
  const stored = agentAnswers({
    ...{ clock, secrets, guard: createGuard({ allowPrivate: true, clock }) },
    log: (_, message) => void logged.push(message),
  })
  const phone = await phoneOf(config, {
    store,
    clock,
    log: (_, message, fields) => void logged.push(`${message} ${JSON.stringify(fields ?? {})}`),
    publish: (happening) => void happenings.push(happening),
    refusal({ accountId, keyId, maxSessions: max }) {
      refused.push({ accountId, keyId, max })
      return state.refusal
    },
    agents: {
      beforeAnswer: (...asked) => (says.beforeAnswer ?? stored.beforeAnswer)(...asked),
      transferTarget: (...asked) => (says.transferTarget ?? stored.transferTarget)(...asked),
      machineAnswer: (...asked) => (says.machineAnswer ?? stored.machineAnswer)(...asked),
      callerId: (...asked) => (says.callerId ?? stored.callerId)(...asked),
    },
  })
  if (!phone) throw new Error('The office has no telephone.')
  const app = testApp(store, settings, { phone })

  const office: Office = {
    ...{ app, store, clock, phone, happenings, logged, refused, says },
    get refusal() {
      return state.refusal
    },
    set refusal(refusal) {
      state.refusal = refusal
    },
    async asks(carrier, path, { fields = {}, headers = {}, signedUrl, tampered = (body: string) => body } = {}) {
      const body = new URLSearchParams(fields).toString()
      const signature =
        carrier === 'twilio'
          ? { 'x-twilio-signature': twilioSignature(signedUrl ?? publicUrl + path, fields) }
          : telnyxSignature(body, clock.unixMs())
      return answerOf(
        await app.app.inject({
          method: 'POST',
          url: path,
          headers: { 'content-type': 'application/x-www-form-urlencoded', ...signature, ...headers },
          payload: tampered(body),
        }),
      )
    },
    async agent(fields = {}, accountId = defaultAccountId) {
      const sent = { name: 'Ada', system_prompt: 'Be brief.', voice: { voice_id: 'alba' }, ...fields }
      const id = newAgentId()
      const content = createdContent(AgentCreate.parse(sent), { id, secrets, now: '2026-11-20T12:00:00.000000' })
      return (await store.agents.create(accountId, id, content)).id
    },
    async comesIn(agentId, sid = newSid()) {
      const fields = { CallSid: sid, From: caller, To: ours, CallStatus: 'ringing' }
      const answer = await office.asks('twilio', `/v1/twilio/voice?agent_id=${agentId}`, { fields })
      const call = await store.calls.withCarrierId('twilio', sid)
      if (!call) throw new Error(`There is no such call: ${answer.text}`)
      return { answer, call }
    },
    async connect(answer, carrier = 'twilio') {
      const ticket = ticketIn(answer)
      const { call: id = '' } = queryOf(afterIn(answer))
      const call = await phone.switchboard.redeem(carrier, ticket, (await office.call(id)).carrierCallId ?? '')
      if (!call) throw new Error('The ticket is not accepted.')
      const sessionId = call.sessionId ?? `sess_${random()}`
      const done: string[] = []
      const line = {
        done,
        hangUp: () => void done.push('hung up'),
        answeredByMachine: (message: string | undefined) => void done.push(`machine: ${message}`),
      }
      phone.switchboard.connected(call, sessionId, line)
      await phone.switchboard.settled(call.id)
      return {
        ...{ call, sessionId, line },
        async over(end) {
          phone.switchboard.disconnected(call, sessionId, end)
          await phone.switchboard.settled(call.id)
        },
      }
    },
    async call(id) {
      const found = await store.calls.withId(id)
      if (!found) throw new Error(`There is no call ${id}.`)
      return found
    },
    async until(holds, stepMs = 100) {
      for (const end = performance.now() + 20_000; !(await holds()); ) {
        if (performance.now() > end) throw new Error(`It did not come about: ${holds}`)
        await clock.to(clock.now() + stepMs)
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
    },
    async close() {
      await phone.close()
      await app.app.close()
      if (!shared) await store.close()
    },
  }
  return office
}

export const twilioSignature = (url: string, fields: Fields): string =>
  webhooks.getExpectedTwilioSignature(authToken, url, fields)

export function telnyxSignature(body: string, unixMs: number): Record<string, string> {
  const timestamp = String(Math.floor(unixMs / 1000))
  const signature = sign(null, Buffer.from(`${timestamp}|${body}`), telnyx.privateKey).toString('base64')
  return { 'telnyx-timestamp': timestamp, 'telnyx-signature-ed25519': signature }
}

const unescaped = (text: string): string => text.replaceAll('&amp;', '&')
/** The value of an attribute, or of the text of an element. */
export const attribute = (answer: Answer, name: string): string =>
  unescaped(new RegExp(`${name}="([^"]*)"`).exec(answer.text)?.[1] ?? '')
export const ticketIn = (answer: Answer): string => attribute(answer, 'name="ticket" value')
/** Where the carrier comes back to, below the public address. */
export const afterIn = (answer: Answer): string =>
  (attribute(answer, 'action') || unescaped(/<Redirect[^>]*>([^<]*)</.exec(answer.text)?.[1] ?? '')).replace(
    publicUrl,
    '',
  )
export const queryOf = (path: string): Readonly<Record<string, string>> =>
  Object.fromEntries(new URL(path, publicUrl).searchParams)
