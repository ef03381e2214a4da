// The tools of the dialogue engine: chosen by words, filled by what was said, told in sentences.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { unsaidValues } from '../../../conversation/dist/said-values.js'
import type { LlmMessage, LlmTool } from '../../dist/engines/engine.js'
import { know } from '../../dist/engines/llm/dialogue/reply.js'
import { numbersIn } from '../../dist/engines/llm/dialogue/tools/spoken-numbers.js'
import { type Turn, turnOf } from '../../dist/engines/llm/dialogue/tools/turn.js'
import { bakery, dentist } from './dialogue-prompts.js'
import { bank, clinic, contact, endCall, restaurant, shop, weather } from './dialogue-tool-sets.js'

const WAITING =
  'There is no result yet: the tool still runs. Its result comes by itself; do not call the tool again for it.'
const UNSAID = (path: string) =>
  `The call was not made: nobody has given a value for ${path} yet. Only the user and the results of tools can give values; one must never be invented.`

/** A conversation as the server holds it: calls stand in the history with the text in the place of their result. */
class Conversation {
  readonly messages: LlmMessage[] = []
  readonly #tools: readonly LlmTool[]
  readonly #prompt: string

  constructor(tools: readonly LlmTool[], prompt = '') {
    this.#tools = tools
    this.#prompt = prompt
  }

  user(content: string): Turn {
    this.messages.push({ role: 'user', content })
    return this.next()
  }

  next(order?: string, tools = this.#tools): Turn {
    const last: LlmMessage[] = order === undefined ? [] : [{ role: 'system', content: order }]
    const turn = turnOf([...this.messages, ...last], tools, know(this.#prompt), this.#prompt)
    if (turn.call) {
      this.messages.push({ role: 'assistant', content: turn.text, toolCalls: [turn.call] })
      this.messages.push({ role: 'tool', callId: turn.call.callId, content: WAITING })
    } else this.messages.push({ role: 'assistant', content: turn.text })
    return turn
  }

  result(content: string, order?: string): Turn {
    const last = this.messages.findLastIndex(({ role }) => role === 'tool')
    const message = this.messages[last]
    assert.ok(message?.role === 'tool', 'no call was made')
    this.messages[last] = { ...message, content }
    return this.next(order)
  }
}

const callOf = ({ call, text }: Turn): unknown => {
  assert.ok(call, `no call, but: ${text}`)
  return [call.name, JSON.parse(call.arguments)]
}

/** Turns of the user are parted by " / "; after the last one the tool is called with these arguments, before it none is. */
const filled: readonly (readonly [tools: readonly LlmTool[], dialogue: string, name: string, args: object])[] = [
  [weather, "What's the weather in Paris?", 'get_weather', { city: 'Paris' }],
  [weather, 'is it going to rain in new york today', 'get_weather', { city: 'New York' }],
  [weather, 'how is the weather in Lima in fahrenheit', 'get_weather', { city: 'Lima', unit: 'fahrenheit' }],
  [weather, 'Give me the forecast for Oslo for the next three days, please.', 'get_weather', { city: 'Oslo', days: 3 }],
  [weather, 'do I need an umbrella / in Hamburg, please', 'get_weather', { city: 'Hamburg' }],
  [weather, 'tell me about the weather / um, San Francisco', 'get_weather', { city: 'San Francisco' }],
  [weather, "what's the weather like / what's your name / Berlin", 'get_weather', { city: 'Berlin' }],
  [shop, 'Where is my order? / it is A B one two three four', 'get_order_status', { order_id: 'AB-1234' }],
  [shop, "what's the status of order AB-9876", 'get_order_status', { order_id: 'AB-9876' }],
  [shop, 'track my parcel / a b double five oh six', 'get_order_status', { order_id: 'AB-5506' }],
  [
    shop,
    'I want to cancel my order / CD 4711 / because it is too late',
    'cancel_order',
    { order_id: 'CD-4711', reason: 'it is too late' },
  ],
  [
    shop,
    'where is my order / actually I want to cancel it instead / AB 1234 / I bought it twice',
    'cancel_order',
    { order_id: 'AB-1234', reason: 'I bought it twice' },
  ],
  [shop, 'can you search for red running shoes', 'search_products', { query: 'red running shoes' }],
  [shop, 'let me speak to a real person', 'transfer_to_human', {}],
  [
    clinic,
    'I would like to book an appointment / anna smith / the fifth of march 2026 / at half past ten in the morning / anna dot smith at example dot com',
    'book_appointment',
    {
      patient_name: 'Anna Smith',
      date: '2026-03-05',
      time: 'half past ten in the morning',
      email: 'anna.smith@example.com',
    },
  ],
  [
    clinic,
    "book me an appointment on March 5th, 2026 at 3 pm, my name is Bo Lee / it's bo@lee.example",
    'book_appointment',
    { patient_name: 'Bo Lee', date: '2026-03-05', time: '3 pm', email: 'bo@lee.example' },
  ],
  [
    restaurant,
    'A table for four on the terrace tomorrow at 7 pm / no thanks',
    'reserve_table',
    { party_size: 4, when: 'tomorrow at 7 pm', seating: 'terrace', newsletter: false },
  ],
  [
    restaurant,
    'I would like to reserve a table / five people / tomorrow / at eight pm / yes please',
    'reserve_table',
    { party_size: 5, when: 'tomorrow at eight pm', newsletter: true },
  ],
  [
    restaurant,
    'reserve a table for four / no, sorry, for six people / friday at noon / no',
    'reserve_table',
    { party_size: 6, when: 'friday at noon', newsletter: false },
  ],
  [
    bank,
    'transfer two hundred and fifty dollars from savings to checking',
    'transfer_money',
    { from_account: 'savings', to_account: 'checking', amount: 250, currency: 'USD' },
  ],
  [
    bank,
    'I need to send some money / from my savings / to my credit card / $1,200.50',
    'transfer_money',
    { from_account: 'savings', to_account: 'credit_card', amount: 1200.5, currency: 'USD' },
  ],
  [
    bank,
    'pay fifty bucks from checking to my credit card',
    'transfer_money',
    { from_account: 'checking', to_account: 'credit_card', amount: 50, currency: 'USD' },
  ],
  [bank, 'how much money do I have / savings', 'get_balance', { account: 'savings' }],
  [bank, 'what is my balance / not savings, checking', 'get_balance', { account: 'checking' }],
  [
    contact,
    'change my contact details / five five five oh one double nine / vip and english',
    'update_contact',
    { contact: { phone: '5550199', tags: ['vip', 'english'] } },
  ],
]

for (const [tools, dialogue, name, args] of filled) {
  test(`${name}: ${dialogue}`, () => {
    const conversation = new Conversation(tools)
    const turns = dialogue.split(' / ').map((words) => conversation.user(words))
    for (const turn of turns.slice(0, -1)) {
      assert.equal(turn.call, undefined)
      assert.match(turn.text, /\?/)
    }
    assert.deepEqual(callOf(turns.at(-1)!), [name, args])
  })
}

/** After the last turn, parted by " / ", something is asked or said and nothing is called. */
const asked: readonly (readonly [tools: readonly LlmTool[], dialogue: string, expected: RegExp])[] = [
  [weather, "what's the weather", /^May I have the city and state, please\?$/],
  [weather, "what's the weather / hmm", /^I am sorry, I did not get that\. What is the city and state\?$/],
  [weather, "what's the weather / who are you", /^I am a voice assistant\. May I have the city and state, please\?$/],
  [weather, "what's the weather / never mind", /^All right, let us leave that/],
  [weather, "what's the weather / never mind / Paris", /do not know|told nothing/],
  [weather, "what's the weather / hm / hm / hm", /^I am sorry, I cannot do that without the city and state\./],
  [weather, "what's the weather / I don't know", /cannot do that without the city/],
  [weather, 'hello', /How can I help/],
  [shop, 'I would like to order a lamp', /do not know|told nothing|cannot do that/],
  [shop, 'who is the agent', /do not know|told nothing/],
  [shop, 'please cancel my order / ZZ 9999', /^Could you tell me why you want to cancel\?$/],
  [bank, 'how much is the lamp', /do not know|told nothing/],
  [shop, 'where is my order', /^May I have the order number, please\?$/],
  [shop, 'where is my order / one two three', /^I am sorry, I did not get that\. What is the order number\?$/],
  [shop, 'cancel my order AB 1234', /^Could you tell me why you want to cancel\?$/],
  [clinic, 'I want to book an appointment', /^May I have your full name, please\?$/],
  [clinic, 'book an appointment / bo lee', /^May I have the date of the appointment, please\?$/],
  [
    clinic,
    'book an appointment / bo lee / tomorrow',
    /date of the appointment\? Please say the day, the month and the year\.$/,
  ],
  [
    restaurant,
    'reserve a table tomorrow at noon / fifty people',
    /^I am sorry, I did not get that\. What is the number of people\?$/,
  ],
  [restaurant, 'reserve a table for 2 tomorrow at noon', /^Do you want our newsletter\?$/],
  [
    bank,
    'transfer 50 dollars to savings',
    /^Could you tell me the account to take the money from: checking, savings or credit card\?$/,
  ],
  [
    bank,
    'what is my balance / savings and checking',
    /^I am sorry, I did not get that\. Can you tell me which account: checking, savings or credit card\?$/,
  ],
]

for (const [tools, dialogue, expected] of asked) {
  test(`nothing is called, and something is said: ${dialogue}`, () => {
    const conversation = new Conversation(tools)
    const turns = dialogue.split(' / ').map((words) => conversation.user(words))
    for (const { call } of turns) assert.equal(call, undefined)
    assert.match(turns.at(-1)!.text, expected)
  })
}

const told: readonly (readonly [result: string, expected: string])[] = [
  ['Sunny with 21 degrees.', 'Sunny with 21 degrees.'],
  [
    '{"city":"Paris","condition":"partly_cloudy","temperature_c":21.37}',
    'The city is Paris, the condition is partly cloudy and the temperature is 21.4 degrees Celsius.',
  ],
  [
    '{"data":{"total_usd":12.499,"delivered":false,"id":"x-1","url":"https://a.example"}}',
    'The total is 12.5 dollars and it is not delivered.',
  ],
  [
    '{"status":"shipped","eta":"2026-03-05T15:30:00Z"}',
    'The status is shipped and the eta is 5 March 2026 at 3:30 pm.',
  ],
  ['{"message":"Your table is booked for four.","code":7}', 'Your table is booked for four.'],
  ['["tea","milk","rye bread"]', 'I found tea, milk and rye bread.'],
  [
    '{"slots":[{"time":"9 am"},{"time":"10 am"},{"time":"1 pm"},{"time":"2 pm"},{"time":"3 pm"}]}',
    'I found 5 slots: 9 am, 10 am, 1 pm and 2 more.',
  ],
  ['{"results":[]}', 'I found nothing.'],
  ['{"products":[]}', 'I found no products.'],
  ['{"answer":42}', 'The answer is 42.'],
  ['{"success":true}', 'It is done.'],
  ['{"error":"tool_failed","status":500}', 'I am sorry, that did not work.'],
  ['{"error":"not_found","message":"There is no such city."}', 'I am sorry, that did not work. There is no such city.'],
  ['{"success":false}', 'I am sorry, that did not work.'],
  ['Error: connection refused', 'I am sorry, that did not work.'],
  [
    'get_weather gave no result within 30 s, so nothing is known of what came of it. Apologise to the user and go on without it.',
    'I am sorry, that did not work.',
  ],
]

for (const [result, expected] of told) {
  test(`a result is told in a sentence: ${result.slice(0, 60)}`, () => {
    const conversation = new Conversation(weather)
    conversation.user('weather in Paris')
    assert.deepEqual(conversation.result(result), { text: expected })
  })
}

const ordered: readonly (readonly [order: string, expected: string])[] = [
  ['Tell the caller that their umbrella is on its way.', 'Your umbrella is on its way.'],
  ['Say "Enjoy the sun!"', 'Enjoy the sun!'],
  ['Tell the user only the temperature.', 'The temperature is 21.'],
  ['Keep it short.', 'The temperature is 21 and the wind is calm.'],
  [
    'Ask the caller if they need anything else.',
    'The temperature is 21 and the wind is calm. Do you need anything else?',
  ],
  [
    'What came of get_weather is known now; you had not told the user. Tell it in one or two sentences.',
    'The temperature is 21 and the wind is calm.',
  ],
  [
    'Enough tools were called. Call none now: answer the user with what you have learned.',
    'The temperature is 21 and the wind is calm.',
  ],
]

for (const [order, expected] of ordered) {
  test(`what is ordered for a result is obeyed: ${order}`, () => {
    const conversation = new Conversation(weather)
    conversation.user('weather in Paris')
    assert.equal(conversation.result('{"temperature":21,"wind":"calm"}', order).text, expected)
  })
}

test('a result that was overtaken by words is told when the platform asks for it', () => {
  const conversation = new Conversation(weather)
  conversation.user('weather in Paris')
  conversation.messages.push({ role: 'assistant', content: 'One moment, please.' })
  const order = 'What came of get_weather is known now; you had not told the user. Tell it in one or two sentences.'
  assert.equal(conversation.result('{"temperature":21}', order).text, 'The temperature is 21.')
})

test('while a call is unanswered it says so and does not call again', () => {
  const conversation = new Conversation(weather)
  conversation.user('weather in Paris')
  for (const words of ['what is the weather in Paris', 'are you still there', 'hello is anyone there']) {
    const turn = conversation.user(words)
    assert.equal(turn.call, undefined)
    assert.match(turn.text, /still waiting/)
  }
  assert.match(conversation.user('who are you').text, /assistant/)
  assert.match(
    conversation.next('Tell the caller the lookup is still running.', []).text,
    /^The lookup is still running\.$/,
  )
  const filler =
    'You still wait for the result of get_weather. So that the user is not left in silence, say one short sentence of at most ten words: that it takes a moment. State no facts and ask nothing.'
  assert.match(conversation.next(filler, []).text, /still waiting/)
})

test('with other values the same tool is called beside the one that runs', () => {
  const conversation = new Conversation(weather)
  conversation.user('weather in Paris')
  assert.deepEqual(callOf(conversation.user('and the weather in London')), ['get_weather', { city: 'London' }])
})

test('"and in London?" takes the rest from the call before', () => {
  const conversation = new Conversation(weather)
  conversation.user('weather in Paris in celsius')
  conversation.result('{"temperature":21}')
  assert.deepEqual(callOf(conversation.user('and in London?')), ['get_weather', { city: 'London', unit: 'celsius' }])
  conversation.result('{"temperature":12}')
  assert.deepEqual(callOf(conversation.user('what about Rome')), ['get_weather', { city: 'Rome', unit: 'celsius' }])
})

test('a value that was refused is asked for, and the same one is not taken again', () => {
  const conversation = new Conversation(shop)
  conversation.user('what is the status of order AB-1234')
  const rule =
    'The call was not made: order_id order_id must match the pattern [A-Z]{2}-\\d{4} as a whole. Call the tool again with arguments that are right, or ask the user for what is missing.'
  assert.equal(conversation.result(rule).text, 'I am sorry, I did not get that. What is the order number?')
  assert.equal(conversation.user('AB-1234').call, undefined)
  assert.deepEqual(callOf(conversation.user('sorry, AC 1234')), ['get_order_status', { order_id: 'AC-1234' }])
})

test('an optional value that nobody gave is left out of the next call', () => {
  const conversation = new Conversation(weather)
  conversation.user('weather in Paris in celsius')
  assert.deepEqual(callOf(conversation.result(UNSAID('unit'))), ['get_weather', { city: 'Paris' }])
})

test('after three refusals it gives up politely', () => {
  const conversation = new Conversation(shop)
  conversation.user('status of order AB-1111')
  conversation.result(UNSAID('order_id'))
  conversation.user('AB-2222')
  conversation.result(UNSAID('order_id'))
  conversation.user('AB-3333')
  const turn = conversation.result(UNSAID('order_id'))
  assert.deepEqual(turn, {
    text: 'I am sorry, I cannot do that without the order number. Let us leave it for now. Is there something else?',
  })
})

test('a refusal that no value of the user could help is an apology', () => {
  const conversation = new Conversation(weather)
  conversation.user('weather in Paris')
  assert.match(
    conversation.result('The call was not made: there is no tool of the name get_weather. There are no tools.').text,
    /not able to do that/,
  )
})

test('after three failures of one call it does not try again', () => {
  const conversation = new Conversation(weather)
  const replies = [1, 2, 3].map(() => {
    callOf(conversation.user('weather in Paris'))
    return conversation.result('{"error":"tool_failed"}').text
  })
  assert.doesNotMatch(replies[1]!, /leave it/)
  assert.match(replies[2]!, /I will leave it at that/)
  const again = conversation.user('weather in Paris')
  assert.equal(again.call, undefined)
  assert.match(again.text, /failed several times/)
  assert.deepEqual(callOf(conversation.user('weather in Rome')), ['get_weather', { city: 'Rome' }])
})

test('when the platform withholds the tools after failures, it says that it did not work', () => {
  const conversation = new Conversation(weather)
  conversation.user('weather in Paris')
  conversation.messages[2] = { role: 'tool', callId: 'call_1', content: '{"error":"tool_failed"}' }
  const order =
    'Several calls in a row have failed. Stop trying: call no tool now. Tell the user in your own words what is missing or did not work.'
  assert.match(conversation.next(order, []).text, /^I am sorry, that did not work after several attempts/)
})

test('a goodbye closes the line where that is offered, after the last words', () => {
  const { text, call } = new Conversation([...weather, endCall]).user('okay thanks bye')
  assert.match(text, /^Goodbye/)
  assert.deepEqual({ ...call }, { callId: 'call_1', name: 'aai_end_call', arguments: '{}' })
  assert.equal(new Conversation(weather).user('goodbye').call, undefined)
  assert.equal(new Conversation([endCall]).user('what is the end of the call').call, undefined)
})

test('words that a program quotes call tools like words that were spoken', () => {
  const conversation = new Conversation(weather)
  assert.deepEqual(
    callOf(conversation.next('The user typed: "weather in Rome". Respond to the user, calling your tools as needed.')),
    ['get_weather', { city: 'Rome' }],
  )
})

test('what the prompt knows is answered without a tool, rules of the prompt go first, wishes go to the tool', () => {
  const delivery: LlmTool = {
    name: 'track_delivery',
    description: 'Tracks a delivery.',
    parameters: { type: 'object', properties: { delivery_id: { type: 'string' } }, required: ['delivery_id'] },
  }
  assert.match(new Conversation([delivery], bakery).user('do you deliver').text, /Delivery is not available/)
  assert.match(new Conversation([delivery], bakery).user('please track my delivery').text, /delivery id/)
  assert.match(new Conversation(clinic, dentist).user('I have an emergency and need an appointment').text, /call 911/)
  assert.match(new Conversation(clinic, dentist).user('I want to book an appointment').text, /your full name/)
})

test('days that depend on today are worked out where the prompt says which day it is, and asked for where not', () => {
  const conversation = new Conversation(clinic, 'You are the assistant of a dentist. Today is Thursday, March 5, 2026.')
  conversation.user('book an appointment tomorrow at 9 am')
  conversation.user('Bo Lee')
  assert.deepEqual(callOf(conversation.user('bo@lee.example')), [
    'book_appointment',
    { patient_name: 'Bo Lee', date: '2026-03-06', time: '9 am', email: 'bo@lee.example' },
  ])
})

test('it stays honest about what it is, tools or not', () => {
  assert.match(new Conversation(weather).user('are you chat gpt').text, /dialogue rules, not .* a language model/)
})

test('whatever is said, every value of a call was said by the user', () => {
  const pieces = fc.constantFrom(
    ...'weather in Paris/tomorrow at 3 pm/book an appointment/my name is Bo/a b one two/order AB-1234/no/yes/50/from savings/to checking/transfer money/bo at lee dot com/never mind/what/because I am late/漢字/cancel my order/reserve a table for six/the third of may 2026'.split(
      '/',
    ),
  )
  const tools = [...weather, ...shop, ...clinic, ...restaurant, ...bank]
  const turns = fc.array(fc.array(pieces, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(turns, (said) => {
      const conversation = new Conversation(tools)
      const heard: string[] = []
      for (const words of said.map((parts) => parts.join(' '))) {
        heard.push(words)
        const { call, text } = conversation.user(words)
        assert.ok(call !== undefined || text !== '')
        const { parameters } = tools.find(({ name }) => name === call?.name) ?? { parameters: {} }
        const args = call === undefined ? {} : JSON.parse(call.arguments)
        assert.deepEqual(unsaidValues(args, parameters, heard), [], `${heard.join(' / ')} → ${call?.arguments}`)
      }
    }),
    { numRuns: 300 },
  )
})

test('the patience with what was not understood begins anew with each value', () => {
  const conversation = new Conversation(clinic)
  for (const words of ['book an appointment', 'hm', 'hm', 'Bo Lee', 'hm', 'hm', 'May 3rd, 2026'])
    conversation.user(words)
  assert.match(conversation.user('hm').text, /did not get that/)
})

test('the longer of two choices is meant where both fit', () => {
  const enumOf = { type: 'string', enum: ['room', 'double_room'] }
  const parameters = { type: 'object', properties: { kind: enumOf }, required: ['kind'] }
  const conversation = new Conversation([{ name: 'book_stay', description: '', parameters }])
  assert.deepEqual(callOf(conversation.user('book a double room')), ['book_stay', { kind: 'double_room' }])
})

test('numbers are understood as they are spoken', () => {
  const values = (words: string) => numbersIn(words).map(({ value }) => value)
  assert.deepEqual(values('two hundred and fifty, or twenty-five'), [250, 25])
  assert.deepEqual(values('two three'), [2, 3])
  assert.deepEqual(values('1,200.50 and three point one four'), [1200.5, 3.14])
  assert.deepEqual(values('a dozen, one thousand two hundred'), [12, 1200])
})

test('schemas that make no sense are borne', () => {
  for (const parameters of [
    {},
    { properties: 7 },
    { properties: { a: null, b: { enum: [] }, 'c.d': {} }, required: 'a' },
    { type: 'array' },
  ]) {
    const turn = new Conversation([{ name: 'get_weather', description: '', parameters }]).user('the weather please')
    assert.deepEqual(callOf(turn), ['get_weather', {}])
  }
})
