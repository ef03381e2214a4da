// TwiML as far as the simulation carries it out: read from XML into verbs. Whatever it does not know, it refuses by name.
import { DOMParser, type Element } from '@xmldom/xmldom'

/** Where to ask for more, and how. */
export interface Onward {
  readonly url: string
  readonly method: 'GET' | 'POST'
}

export type Verb =
  | { readonly verb: 'Connect'; readonly action: Onward | undefined; readonly stream: StreamNoun }
  | { readonly verb: 'Say'; readonly text: string }
  | { readonly verb: 'Pause'; readonly seconds: number }
  | {
      readonly verb: 'Dial'
      readonly number: string
      readonly callerId: string | undefined
      readonly timeoutSeconds: number
      /** How long the two may talk. */
      readonly longestSeconds: number
      readonly action: Onward | undefined
    }
  | { readonly verb: 'Redirect'; readonly to: Onward }
  | { readonly verb: 'Hangup' }
  | { readonly verb: 'Reject'; readonly reason: 'busy' | 'rejected' }

export interface StreamNoun {
  readonly url: string
  readonly name: string | undefined
  readonly parameters: Readonly<Record<string, string>>
}

/** The document is not one that can be carried out. `code`: of Twilio's errors. */
export class TwimlError extends Error {
  override readonly name = 'TwimlError'

  constructor(
    readonly code: 12100 | 12200,
    message: string,
  ) {
    super(message)
  }
}

/** Attributes by element; `Stream` has those of TeXML, too. */
const attributes: Readonly<Record<string, readonly string[]>> = {
  Response: [],
  Connect: ['action', 'method'],
  Stream: ['url', 'name', 'track', 'bidirectionalMode', 'bidirectionalCodec', 'bidirectionalSamplingRate', 'codec'],
  Parameter: ['name', 'value'],
  Say: ['voice', 'language'],
  Pause: ['length'],
  Dial: ['action', 'method', 'timeout', 'timeLimit', 'callerId', 'answerOnBridge'],
  Number: [],
  Redirect: ['method'],
  Hangup: [],
  Reject: ['reason'],
}
const PAUSE_SECONDS = 1
const RING_SECONDS = 30
const TALK_SECONDS = 14_400

/** `base`: the address that the document came from, against which the addresses in it are resolved. */
export function readTwiml(xml: string, base: string): readonly Verb[] {
  const root = parse(xml)
  if (root.tagName !== 'Response') throw invalid(`The document is a <${root.tagName}>, not a <Response>.`)
  check(root)
  return children(root).map((element) => verbOf(element, base))
}

function parse(xml: string): Element {
  try {
    const parser = new DOMParser({
      onError: (_level, message) => {
        throw new Error(message)
      },
    })
    const root = parser.parseFromString(xml, 'text/xml').documentElement
    if (root) return root
  } catch (error) {
    throw new TwimlError(12100, `The document is not XML: ${error instanceof Error ? error.message : error}`)
  }
  throw new TwimlError(12100, 'The document is empty.')
}

function verbOf(element: Element, base: string): Verb {
  const verb = element.tagName
  check(element)
  switch (verb) {
    case 'Connect':
      return { verb, action: onward(element, base), stream: streamOf(only(element, ['Stream']), base) }
    case 'Say':
      return { verb, text: textOf(element) }
    case 'Pause':
      return { verb, seconds: numberOf(element, 'length', PAUSE_SECONDS) }
    case 'Dial':
      return {
        verb,
        number: numberDialed(element),
        callerId: element.getAttribute('callerId') ?? undefined,
        timeoutSeconds: numberOf(element, 'timeout', RING_SECONDS),
        longestSeconds: numberOf(element, 'timeLimit', TALK_SECONDS),
        action: onward(element, base),
      }
    case 'Redirect':
      return { verb, to: { url: new URL(textOf(element), base).href, method: methodOf(element) } }
    case 'Hangup':
      return { verb }
    case 'Reject': {
      const reason = element.getAttribute('reason') ?? 'rejected'
      if (reason !== 'busy' && reason !== 'rejected') throw invalid(`<Reject reason="${reason}"> is not allowed.`)
      return { verb, reason }
    }
    default:
      throw invalid(`<${verb}> is no verb that this simulation carries out.`)
  }
}

/** The query of the address is dropped, as Twilio does. */
function streamOf(element: Element, base: string): StreamNoun {
  check(element)
  const given = element.getAttribute('url')
  if (!given) throw invalid('<Stream> has no url.')
  const url = new URL(given, base.replace(/^http/, 'ws'))
  if (url.protocol !== 'wss:') throw invalid(`<Stream url="${given}"> is not wss://, which is all that is supported.`)
  const parameters = children(element).map((parameter): readonly [string, string] => {
    if (parameter.tagName !== 'Parameter') throw invalid(`<${parameter.tagName}> has no place in <Stream>.`)
    check(parameter)
    return [parameter.getAttribute('name') ?? '', parameter.getAttribute('value') ?? '']
  })
  const name = element.getAttribute('name') ?? undefined
  return { url: url.href.replace(/\?.*$/, ''), name, parameters: Object.fromEntries(parameters) }
}

/** The number stands in a `<Number>`, or is the text of the `<Dial>` itself. */
function numberDialed(element: Element): string {
  const inside = children(element).length > 0 ? only(element, ['Number']) : element
  check(inside)
  const number = textOf(inside)
  if (!/^\+[1-9]\d{1,14}$/.test(number)) throw invalid(`<Dial> of "${number}", which is no number in E.164.`)
  return number
}

function only(element: Element, names: readonly string[]): Element {
  const [first, ...more] = children(element)
  if (first && more.length === 0 && names.includes(first.tagName)) return first
  throw invalid(`<${element.tagName}> must hold one <${names.join('> or <')}>, and nothing else.`)
}

function check(element: Element): void {
  const known = attributes[element.tagName] ?? []
  for (const { name } of [...element.attributes])
    if (!known.includes(name))
      throw invalid(`<${element.tagName}> has the attribute ${name}, which is not carried out.`)
}

const onward = (element: Element, base: string): Onward | undefined => {
  const action = element.getAttribute('action')
  return action === null ? undefined : { url: new URL(action, base).href, method: methodOf(element) }
}

function methodOf(element: Element): 'GET' | 'POST' {
  const method = (element.getAttribute('method') ?? 'POST').toUpperCase()
  if (method !== 'GET' && method !== 'POST') throw invalid(`The method ${method} is neither GET nor POST.`)
  return method
}

function numberOf(element: Element, name: string, otherwise: number): number {
  const given = element.getAttribute(name)
  const value = given === null ? otherwise : Number(given)
  if (!Number.isInteger(value) || value < 0)
    throw invalid(`<${element.tagName} ${name}="${given}"> is no whole number.`)
  return value
}

const textOf = (element: Element): string => (element.textContent ?? '').trim().replace(/\s+/g, ' ')
const children = (element: Element): Element[] => [...element.children]
const invalid = (message: string): TwimlError => new TwimlError(12200, message)
