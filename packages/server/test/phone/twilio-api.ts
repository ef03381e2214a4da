// A small stand-in of Twilio's REST API on loopback: what it was asked, and what a test has it answer.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { newSid } from './office.js'

export interface Asked {
  readonly method: string
  /** Below the account. */
  readonly path: string
  readonly authorization: string | undefined
  readonly form: URLSearchParams
}

export interface TwilioApi {
  readonly url: string
  readonly asked: Asked[]
  /** In place of a success. */
  refusal: { readonly status: number; readonly body: object } | undefined
  /** Called when it was asked, and has not answered yet. */
  beforeAnswer: (() => void) | undefined
  /** What is known of numbers, by the number. */
  readonly numbers: Map<string, Record<string, string>>
  close(): Promise<void>
}

export async function startTwilioApi(): Promise<TwilioApi> {
  const asked: Asked[] = []
  const numbers: TwilioApi['numbers'] = new Map()
  const api: Pick<TwilioApi, 'refusal' | 'beforeAnswer'> = { refusal: undefined, beforeAnswer: undefined }
  const answer = ({ method, path, form }: Asked): { status: number; body: object } => {
    if (api.refusal) return api.refusal
    const [, resource, id] = /^\/(Calls|IncomingPhoneNumbers)?\/?(\w+)?\.json/.exec(path) ?? []
    if (resource === 'Calls') return { status: id ? 200 : 201, body: { sid: id ?? newSid(), status: 'queued' } }
    if (resource === undefined) return { status: 200, body: { sid: 'AC', status: 'active' } }
    if (method === 'GET') {
      const wanted = new URLSearchParams(path.split('?')[1]).get('PhoneNumber') ?? ''
      const found = numbers.get(wanted)
      return { status: 200, body: { incoming_phone_numbers: found ? [found] : [], page: 0, page_size: 1 } }
    }
    for (const number of numbers.values())
      if (number.sid === id)
        Object.assign(number, {
          voice_url: form.get('VoiceUrl'),
          voice_method: form.get('VoiceMethod'),
          status_callback: form.get('StatusCallback'),
          status_callback_method: form.get('StatusCallbackMethod'),
        })
    return { status: 200, body: { sid: id } }
  }
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    const path = url.replace(/^\/2010-04-01\/Accounts\/\w+/, '')
    const one = { method, path, authorization: headers.authorization, form: new URLSearchParams(await text(request)) }
    asked.push(one)
    api.beforeAnswer?.()
    const { status, body } = answer(one)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // it listens on TCP, so its address is not a path
  const { port } = server.address() as AddressInfo
  return {
    ...{ url: `http://127.0.0.1:${port}`, asked, numbers },
    get refusal() {
      return api.refusal
    },
    set refusal(refusal) {
      api.refusal = refusal
    },
    get beforeAnswer() {
      return api.beforeAnswer
    },
    set beforeAnswer(called) {
      api.beforeAnswer = called
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
