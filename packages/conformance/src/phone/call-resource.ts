// `/Calls.json`: placing calls, asking after them, ending and redirecting them.
import type { Call, CallOptions, Instructions } from './call.js'
import type { Resource } from './rest.js'
import {
  invalidTo,
  invalidUrl,
  noFrom,
  noTo,
  notFound,
  notInProgress,
  notSimulated,
  notYours,
  required,
} from './rest-errors.js'
import { rfc2822, type StatusEvent, statusEvents } from './status.js'
import type { Onward } from './twiml.js'

export interface Exchange {
  readonly accountSid: string
  readonly calls: readonly Call[]
  /** Whether the account may call from there. */
  owns(number: string): boolean
  place(options: CallOptions): Call
}

const known = [
  ...['To', 'From', 'Url', 'Method', 'Twiml', 'StatusCallback', 'StatusCallbackMethod', 'StatusCallbackEvent'],
  ...['Timeout', 'MachineDetection', 'AsyncAmd', 'AsyncAmdStatusCallback', 'AsyncAmdStatusCallbackMethod'],
]
/** Accepted, and without consequence here. */
const ignored = ['MachineDetectionTimeout', 'TimeLimit', 'CallerId', 'Record']

export function callResources(exchange: Exchange): readonly Resource[] {
  const { calls, accountSid } = exchange
  const one = (id: string | undefined) => {
    const call = calls.find((each) => each.id === id)
    if (!call) throw notFound(`/2010-04-01/Accounts/${accountSid}/Calls/${id}.json`)
    return call
  }
  return [
    {
      method: 'POST',
      path: /^\/Calls\.json$/,
      answer: (parameters) => ({
        status: 201,
        body: view(exchange.place(optionsOf(parameters, exchange)), accountSid),
      }),
    },
    {
      method: 'GET',
      path: /^\/Calls\.json$/,
      answer: (parameters) => ({ status: 200, body: page(parameters, calls, accountSid) }),
    },
    {
      method: 'GET',
      path: /^\/Calls\/(CA[0-9a-f]{32})\.json$/,
      answer: (_, [id]) => ({ status: 200, body: view(one(id), accountSid) }),
    },
    {
      method: 'POST',
      path: /^\/Calls\/(CA[0-9a-f]{32})\.json$/,
      answer(parameters, [id]) {
        const call = one(id)
        update(call, parameters)
        return { status: 200, body: view(call, accountSid) }
      },
    },
  ]
}

function optionsOf(parameters: URLSearchParams, { owns }: Exchange): CallOptions {
  for (const name of parameters.keys())
    if (!known.includes(name) && !ignored.includes(name)) throw notSimulated(`the parameter ${name} of a new call`)
  const to = parameters.get('To')
  const from = parameters.get('From')
  if (!to) throw noTo()
  if (!from) throw noFrom()
  if (!/^\+[1-9]\d{6,14}$/.test(to)) throw invalidTo(to)
  if (!owns(from)) throw notYours(from)
  return {
    ...{ from, to, direction: 'outbound-api', instructions: instructionsOf(parameters) },
    ringSeconds: Number(parameters.get('Timeout') ?? 60),
    news: newsOf(parameters),
    detection: detectionOf(parameters),
  }
}

function instructionsOf(parameters: URLSearchParams): Instructions {
  const twiml = parameters.get('Twiml')
  if (twiml) return { twiml, base: 'https://api.twilio.com/' }
  const at = onward(parameters, 'Url', 'Method')
  if (!at) throw required('Url or Twiml')
  return { at }
}

/** What is not asked for is the end alone. */
function newsOf(parameters: URLSearchParams): CallOptions['news'] {
  const to = onward(parameters, 'StatusCallback', 'StatusCallbackMethod')
  const asked = parameters.getAll('StatusCallbackEvent').flatMap((value) => value.split(' '))
  const events: readonly StatusEvent[] = statusEvents.filter((event) => asked.includes(event))
  return to && { to, events: asked.length > 0 ? events : ['completed'] }
}

function detectionOf(parameters: URLSearchParams): CallOptions['detection'] {
  const kind = parameters.get('MachineDetection') ?? 'none'
  if (kind === 'none') return undefined
  if (kind !== 'Enable' && kind !== 'DetectMessageEnd') throw notSimulated(`MachineDetection=${kind}`)
  if (parameters.get('AsyncAmd') !== 'true') return { kind, tell: undefined }
  const tell = onward(parameters, 'AsyncAmdStatusCallback', 'AsyncAmdStatusCallbackMethod')
  if (!tell) throw required('AsyncAmdStatusCallback')
  return { kind, tell }
}

function onward(parameters: URLSearchParams, name: string, method: string): Onward | undefined {
  const url = parameters.get(name)
  if (!url) return undefined
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw invalidUrl(name, url)
  return { url, method: parameters.get(method) === 'GET' ? 'GET' : 'POST' }
}

function update(call: Call, parameters: URLSearchParams): void {
  const status = parameters.get('Status')
  if (call.isOver) throw notInProgress()
  if (status === 'completed' || status === 'canceled') return call.hangUp()
  if (status) throw notSimulated(`Status=${status}`)
  call.redirect(instructionsOf(parameters))
}

function page(parameters: URLSearchParams, calls: readonly Call[], accountSid: string): unknown {
  const size = Number(parameters.get('PageSize') ?? 50)
  const number = Number(parameters.get('Page') ?? 0)
  const wanted = calls
    .filter((call) => (['To', 'From', 'Status'] as const).every((name) => matches(call, name, parameters)))
    .toReversed()
  const shown = wanted.slice(number * size, (number + 1) * size)
  const uri = (at: number) => `/2010-04-01/Accounts/${accountSid}/Calls.json?PageSize=${size}&Page=${at}`
  return {
    calls: shown.map((call) => view(call, accountSid)),
    page: number,
    page_size: size,
    start: number * size,
    end: number * size + Math.max(0, shown.length - 1),
    uri: uri(number),
    first_page_uri: uri(0),
    next_page_uri: (number + 1) * size < wanted.length ? uri(number + 1) : null,
    previous_page_uri: number > 0 ? uri(number - 1) : null,
  }
}

function matches(call: Call, name: 'To' | 'From' | 'Status', parameters: URLSearchParams): boolean {
  const wanted = parameters.get(name)
  return wanted === null || { To: call.to, From: call.from, Status: call.status }[name] === wanted
}

function view(call: Call, accountSid: string): unknown {
  const { startedAt, endedAt } = call
  const uri = `/2010-04-01/Accounts/${accountSid}/Calls/${call.id}`
  return {
    sid: call.id,
    account_sid: accountSid,
    from: call.from,
    from_formatted: call.from,
    to: call.to,
    to_formatted: call.to,
    status: call.status,
    direction: call.direction,
    answered_by: call.answeredBy ?? null,
    api_version: '2010-04-01',
    date_created: rfc2822(call.createdAt),
    date_updated: rfc2822(endedAt ?? startedAt ?? call.createdAt),
    start_time: startedAt === undefined ? null : rfc2822(startedAt),
    end_time: endedAt === undefined ? null : rfc2822(endedAt),
    duration: endedAt === undefined ? null : String(Math.ceil((endedAt - (startedAt ?? endedAt)) / 1000)),
    price: null,
    price_unit: 'USD',
    parent_call_sid: null,
    phone_number_sid: null,
    forwarded_from: null,
    group_sid: null,
    caller_name: null,
    queue_time: '0',
    trunk_sid: null,
    uri: `${uri}.json`,
    subresource_uris: {},
  }
}
