// Dialogues in which the built-in rules call tools: turn by turn, what the user says and what the agent does.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LlmMessage, LlmOutput, LlmTool } from '../../dist/engines/engine.js'
import { createDialogueLlm, DialogueOptions } from '../../dist/engines/llm/dialogue/dialogue.js'
import { know } from '../../dist/engines/llm/dialogue/reply.js'
import { outcomeOf } from '../../dist/engines/llm/dialogue/tool-results.js'
import { turnOf } from '../../dist/engines/llm/dialogue/turn.js'
import { booking, flights, orders, restaurant, weather } from './dialogue-tools.js'

const prompt = 'You are the assistant of Blue Door. We open at 7 and close at 5. An appointment costs 50 pounds.'
/** A Tuesday. */
const today = new Date(2026, 2, 3)

/** What the agent does: words, or a call with its arguments. */
type Step = RegExp | readonly [name: string, args: Record<string, unknown>]
/** `=` before what a tool answers, `!` after it what the model is told for this reply; otherwise the user speaks. */
type Line = readonly [input: string, does: Step]

const invented = '=The call has not established a value for patient_name. Never invent a value.'

const dialogues: readonly (readonly [title: string, tools: readonly LlmTool[], ...lines: readonly Line[]])[] = [
  [
    'weather, a result in JSON, and a follow-up',
    weather,
    ['what is the weather in Paris?', ['get_weather', { city: 'Paris' }]],
    [
      '={"temperature":18.333,"condition":"partly cloudy","id":"x1"}',
      /^The temperature is 18\.3 and the condition is partly cloudy\.$/,
    ],
    ['and in London?', ['get_weather', { city: 'London' }]],
    ['=Rain, 12 degrees', /^Rain, 12 degrees\.$/],
    ['thank you', /welcome/],
  ],
  [
    'what is missing is asked for, in words of its description',
    weather,
    ["what's the weather like", /^Could you tell me your city, please\?$/],
    ['Berlin', ['get_weather', { city: 'Berlin' }]],
    ['=Error: service unavailable', /^I am sorry, that did not work/],
    ['will it rain tomorrow in new york in fahrenheit', ['get_weather', { city: 'New York', unit: 'fahrenheit' }]],
  ],
  [
    'an order number in the form that its pattern wants',
    orders,
    ['where is my order?', /^Could you tell me the 8-digit order number, please\?$/],
    ['why do you need that?', /^I cannot go on without it\. I still need the 8-digit order number\. What is it\?$/],
    ['one two three four', /^Could you tell me the 8-digit order number/],
    ['one two three four five six seven eight', ['get_order_status', { order_id: '12345678' }]],
    [
      '={"status":"shipped","carrier":"UPS","eta":"2026-03-05"}',
      /status is shipped, the carrier is UPS and the eta is March 5, 2026/,
    ],
    ['bye', ['end_call', {}]],
    ['=ok', /^$/],
  ],
  [
    'several values, one after the other',
    orders,
    ['I want to cancel my order', /8-digit order number/],
    ['12345678', /Could you tell me the reason/],
    ['It arrived too late', ['cancelOrder', { orderId: '12345678', reason: 'It arrived too late' }]],
    ['={"success":true}', /^That is done\.$/],
    ['what time do you open', /We open at 7/],
  ],
  [
    'nobody is asked without end',
    orders,
    ['I want to cancel my order', /order number/],
    ['uh', /^I still need the 8-digit order number/],
    ['the blue one', /order number/],
    ['no idea really', /^I am sorry, I cannot get this done/],
    ['hello', /^Hello/],
  ],
  [
    'all that is said at once is taken at once',
    booking,
    ['I would like to book an appointment for a cleaning tomorrow at 3 pm', /full name of the patient/],
    [
      'Anna Smith',
      ['book_appointment', { service: 'cleaning', date: '2026-03-04', time: '15:00', patient_name: 'Anna Smith' }],
    ],
    ['={"message":"You are booked for 3 pm."}', /^You are booked for 3 pm\.$/],
  ],
  [
    'a choice, a day and a time, with a question in between',
    booking,
    ['I need an appointment', /^Which service would you like: cleaning, check up or filling\?$/],
    ['a check up please', /day of the appointment/],
    ['next friday', /^Could you tell me the time of day, please\?$/],
    ['how much is an appointment?', /^An appointment costs 50 pounds\. I still need the time of day\. What is it\?$/],
    ['half past three', /full name/],
    [
      'my name is anna smith',
      ['book_appointment', { service: 'check_up', date: '2026-03-06', time: '15:30', patient_name: 'Anna Smith' }],
    ],
  ],
  [
    'a value that was refused as made up is asked for; after three refusals nothing more is tried',
    booking,
    ['please cancel my appointment', /full name of the patient/],
    ['Otto', ['cancel_appointment', { patient_name: 'Otto' }]],
    [invented, /^I still need the full name of the patient\. What is it\?$/],
    ['Otto Weber', ['cancel_appointment', { patient_name: 'Otto Weber' }]],
    [invented, /^Could you tell me the full name of the patient/],
    ['Otto Weber', ['cancel_appointment', { patient_name: 'Otto Weber' }]],
    [invented, /^I am sorry, I cannot get this done/],
  ],
  [
    'a person is called for by the tool that transfers',
    booking,
    ['how much is an appointment?', /^An appointment costs 50 pounds/],
    ['can I speak to a human?', ['transfer_call', {}]],
  ],
  [
    'what undoes something has to be named, whatever the order of the tools',
    [...booking].reverse(),
    ['I need an appointment', /^Which service/],
  ],
  [
    'a question about a deed does not do it',
    booking,
    ['are there appointments for my dog and my two cats?', /^(?!Which service)./],
  ],
  [
    'the day of the week that it is means the next one',
    flights,
    [
      'flights from Rome to Paris on tuesday',
      ['find_flights', { origin: 'Rome', destination: 'Paris', date: '2026-03-10' }],
    ],
  ],
  [
    'whoever changes their mind is not asked on',
    booking,
    ['please cancel my appointment', /full name/],
    ['never mind', /^All right/],
    ['when do you open', /We open at 7/],
  ],
  [
    'another wish takes the place of the first, and who the caller is stays known',
    booking,
    ['please cancel my appointment', /full name/],
    ['my name is anna smith', ['cancel_appointment', { patient_name: 'Anna Smith' }]],
    ['=ok', /Ok/],
    [
      'now book an appointment for a filling tomorrow at noon',
      ['book_appointment', { service: 'filling', date: '2026-03-04', time: '12:00', patient_name: 'Anna Smith' }],
    ],
  ],
  [
    'numbers, moments and yes or no',
    restaurant,
    ['a table for 4 please', /date and time of the reservation/],
    ['tomorrow at 7 pm', /^Outside: yes or no\?$/],
    ['yes please', ['reserve_table', { party_size: 4, when: '2026-03-04T19:00:00', outside: true }]],
    ['={"reservation":{"id":"r1","table":"12","time":"19:00"}}', /^The table is 12 and the time is 7 pm\.$/],
    ['can you send me the receipt', /your email address/],
    ['anna dot smith at example dot com', ['send_receipt', { email: 'anna.smith@example.com' }]],
  ],
  [
    'more guests than the tool allows are not taken',
    restaurant,
    ['a table for 40 tomorrow at 7 pm', /number of guests/],
    ['ok twelve then', /Outside/],
    ['no', ['reserve_table', { party_size: 12, when: '2026-03-04T19:00:00', outside: false }]],
  ],
  ['a search', restaurant, ['can you search the menu for vegan pasta?', ['search_menu', { query: 'vegan pasta' }]]],
  [
    'where from and where to, and a list',
    flights,
    ['I am looking for flights from Berlin to Paris', /^Could you tell me the day of travel, please\?$/],
    ['on March 5th', ['find_flights', { origin: 'Berlin', destination: 'Paris', date: '2026-03-05' }]],
    [
      '={"flights":[{"name":"AF 12"},{"name":"LH 3"},{"name":"BA 9"},{"name":"X"}]}',
      /^There are 4 flights: AF 12, LH 3 and BA 9, among others\.$/,
    ],
    [
      'flights from Rome to Paris tomorrow',
      ['find_flights', { origin: 'Rome', destination: 'Paris', date: '2026-03-04' }],
    ],
    ['={"flights":[]}', /^There are no flights\.$/],
  ],
  [
    'words that are to be said after a result are said',
    orders,
    ['where is order 12345678', ['get_order_status', { order_id: '12345678' }]],
    ['={"status":"shipped"}!Say: Your order is on its way.', /^Your order is on its way\.$/],
  ],
  [
    'a question that is to be asked follows the result',
    orders,
    ['where is order 12345678', ['get_order_status', { order_id: '12345678' }]],
    ['={"status":"shipped"}!Ask if they need anything else.', /^The status is shipped\. Do you need anything else\?$/],
  ],
  [
    'an order about the style of the answer is none of its words',
    orders,
    ['where is order 12345678', ['get_order_status', { order_id: '12345678' }]],
    ['={"status":"shipped"}!Be brief and friendly.', /^The status is shipped\.$/],
  ],
  [
    'a failure is told in the words that are given for it',
    orders,
    ['where is order 12345678', ['get_order_status', { order_id: '12345678' }]],
    ['={"error":"no such order"}!Apologise for the delay.', /^I am sorry for the delay\.$/],
  ],
  [
    'without a fitting tool it answers as ever, and honestly',
    weather,
    ['which language model are you', /built-in dialogue rules, not with a language model/],
  ],
]

for (const [title, tools, ...lines] of dialogues)
  test(title, () => {
    const agent = know(prompt)
    const messages: LlmMessage[] = []
    for (const [input, does] of lines) {
      const [said = '', told] = input.startsWith('=') ? input.slice(1).split('!') : [input]
      const call = messages.at(-1)?.role === 'assistant' ? messages.at(-1) : undefined
      const calls = call?.role === 'assistant' ? call.toolCalls : undefined
      messages.push(
        input.startsWith('=')
          ? { role: 'tool', callId: calls?.[0]?.callId ?? '', content: said }
          : { role: 'user', content: said },
      )
      const turn = turnOf(
        [...messages, ...(told ? [{ role: 'system' as const, content: told }] : [])],
        agent,
        tools,
        today,
      )
      if (does instanceof RegExp) {
        assert.equal(turn.call, undefined, `${input}: ${JSON.stringify(turn)}`)
        assert.match(turn.text, does, input)
      } else {
        assert.deepEqual(
          turn.call && [turn.call.name, JSON.parse(turn.call.arguments)],
          does,
          `${input}: ${JSON.stringify(turn)}`,
        )
      }
      messages.push({ role: 'assistant', content: turn.text, ...(turn.call && { toolCalls: [turn.call] }) })
    }
  })

test('a goodbye is said before the call that hangs up', async () => {
  const llm = createDialogueLlm(DialogueOptions.parse({}))
  const outputs: LlmOutput[] = []
  const request = {
    messages: [{ role: 'user' as const, content: 'goodbye' }],
    tools: orders,
    sessionId: 's',
    agentId: undefined,
  }
  for await (const output of llm.open(request, new AbortController().signal)) outputs.push(output)
  assert.match(outputs.map((output) => (output.type === 'wrote' ? output.text : '')).join(''), /^Goodbye/)
  assert.equal(outputs.at(-1)?.type, 'called')
  assert.equal(outputs.filter(({ type }) => type === 'called').length, 1)
})

test('what a tool answered, as it is spoken', () => {
  const rows: readonly (readonly [content: string, text: string])[] = [
    ['', 'That is done.'],
    ['It is sunny', 'It is sunny.'],
    ['true', 'That is done.'],
    ['null', 'I found nothing.'],
    ['[]', 'I found nothing.'],
    ['3.14159', '3.1.'],
    ['{"ok":true}', 'That is done.'],
    ['{"result":{"data":{"price":9.999}}}', 'The price is 10.'],
    ['{"a":1,"b":2,"c":3,"d":4,"e":5}', 'The a is 1, the b is 2, the c is 3 and the d is 4.'],
    ['{"when":"2026-03-05T15:30:00Z"}', 'The when is March 5, 2026 at 3:30 pm.'],
    ['{"order":{"id":"x"},"status":"in_transit"}', 'The status is in transit.'],
    ['["10:00","11:30"]', 'There are 2: 10 am and 11:30 am.'],
    ['{"slots":[{"time":"10:00"}]}', 'There is one: 10 am.'],
    ['{"user":{"id":"1","tier":"gold"},"items":[]}', 'There are no items.'],
  ]
  for (const [content, text] of rows) assert.deepEqual(outcomeOf(content), { is: 'answered', text }, content)
})

test('refusals and failures are told from answers', () => {
  for (const content of [
    'Error: 500',
    'The tool failed because of a fault in the server.',
    '{"error":"x"}',
    '{"success":false}',
    'The tool timed out.',
  ])
    assert.equal(outcomeOf(content).is, 'failed', content)
  for (const content of [
    invented.slice(1),
    'order_id must match the pattern \\d{8} as a whole.',
    '{"error":"city is required and was left out."}',
  ])
    assert.equal(outcomeOf(content).is, 'refused', content)
  for (const content of ['There was no error.', '{"error":null,"x":1}', '{"note":"you must call us"}'])
    assert.equal(outcomeOf(content).is, 'answered', content)
})
