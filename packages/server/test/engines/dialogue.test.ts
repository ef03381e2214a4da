import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { LlmMessage, LlmRequest } from '../../dist/engines/engine.js'
import { llmSuite } from '../../dist/engines/kit/suite-llm.js'
import { createDialogueLlm, DialogueOptions, dialogueLlm } from '../../dist/engines/llm/dialogue/dialogue.js'
import { know, replyTo } from '../../dist/engines/llm/dialogue/reply.js'
import * as prompts from './dialogue-prompts.js'

const build = () => createDialogueLlm(DialogueOptions.parse({}))
const subject = async () => ({ llm: build() })
llmSuite('dialogue', subject, subject)

/** Holds a dialogue and gives the agent's replies. */
function converse(prompt: string, turns: readonly string[]): string[] {
  const agent = know(prompt)
  const messages: LlmMessage[] = []
  return turns.map((turn) => {
    messages.push({ role: 'user', content: turn })
    const reply = replyTo(messages, agent)
    messages.push({ role: 'assistant', content: reply })
    return reply
  })
}
const answer = (prompt: string, ...turns: readonly string[]): string => converse(prompt, turns).at(-1) ?? ''

/** Turns are parted by " / "; the reply to the last one has to match. */
const dialogues: Readonly<Record<keyof typeof prompts.all, readonly (readonly [string, RegExp])[]>> = {
  bakery: [
    ['what time do you open', /^We open at 7/],
    ['WHAT TIME DO YOU CLOSE?', /close at 5/],
    ["uh hi um what're your opening hours please", /open at 7/],
    ['do you deliver', /^No\. Delivery is not available/],
    ['Can I get it delivered?', /Delivery is not available/],
    ['how much is the sourdough', /4 pounds/],
    ['how much is the sour dough bread', /4 pounds/],
    ['how much is the sourdoh', /4 pounds/],
    ['is sourdough four pounds', /^Yes\. Sourdough costs 4 pounds/],
    ['is sourdough five pounds', /^Sourdough costs 4 pounds/],
    ['are you open on Sunday', /^No, we are not open on Sunday\. We open at 7/],
    ['are you closed on Sundays', /^We are not open on Sunday/],
    ['are you open on wednesday', /^Yes\. We open at 7/],
    ['are you open at the weekend', /^Yes\. We open at 7/],
    ['what time do you open / and on Sunday?', /not open on Sunday/],
    ['do you have sourdough / how much is it', /4 pounds/],
    ['where are you', /in Leeds/],
    ['how much is the rye bread', /do not have that information.*opening hours/],
    ['do you have parking', /do not have that information/],
    ['what do you sell', /sourdough/],
    ['who are you', /^I am an assistant of Blue Door Bakery in Leeds/],
    ['what can you do', /opening hours, sourdough and delivery/],
  ],
  pizza: [
    ['what pizzas do you have', /Margherita, Pepperoni and Veggie Supreme/],
    ["what's on the menu", /Margherita/],
    ['how much is a pepperoni pizza', /12 dollars 50/],
    ['how much is the veggie supreme', /13 dollars/],
    ['how much extra is a large', /4 dollars extra/],
    ['how much is a margherita / and the pepperoni', /12 dollars 50/],
    ['do you deliver', /^Yes\. We deliver within 5 miles/],
    ['how long does delivery take', /30 to 45 minutes/],
    ['how much is delivery', /3 dollars/],
    ['do you have a gluten free crust', /gluten-free crust for 2 dollars/],
    ['are you open on Sunday', /^Yes\..*11 am to 10 pm/],
    ['when do you close', /10 pm/],
    ['can I get a discount', /cannot offer discounts/],
    ['what do you think of your competitors', /cannot discuss competitors/],
    ['what can you help me with', /help you place orders/],
    ['I would like to order a margherita', /May I have your name and phone number/],
    ['I would like to order a margherita / anna 555 0100', /cannot complete it from here/],
    ['i want to order a pepperoni / how much is it', /12 dollars 50/],
    ['do you have any hawaiian', /do not have that information/],
  ],
  dentist: [
    ["what's your name", /Sam/],
    ['are you open on friday', /^Yes\..*Friday 8 am to noon/],
    ['are you open saturday', /^No\. We are closed on weekends/],
    ['what are your hours', /8 am to 5 pm/],
    ['who are the dentists', /Dr\. Patel and Dr\. Lee/],
    ['how much does a cleaning cost', /120 dollars/],
    ['how long does a cleaning take', /45 minutes/],
    ['how long does a cleaning take / and how much is it', /120 dollars/],
    ['do you take cigna', /^Yes\. We accept .*Cigna/],
    ['do you accept blue cross', /do not have that information/],
    ['what insurance do you accept', /Aetna/],
    ['where are you located', /200 Congress Avenue/],
    ['is there parking', /^Yes\. You can park for free/],
    ['I have an emergency', /call 911/],
    ['I want to cancel my appointment', /May I have your name and appointment time/],
    ['I would like to book an appointment', /May I have your name and date of birth/],
    ['I would like to book an appointment / anna smith may first', /what day works best/],
    ['can you give me medical advice', /cannot give medical advice/],
    ['what can you do', /help you book, reschedule or cancel/],
  ],
  support: [
    ['my internet is really slow today', /Please restart the router.*30 seconds/],
    ['the light on my router is red', /outage in your area/],
    ['how do i change my wi-fi password', /tap Settings/],
    ['how can I change the password of my wifi', /tap Settings/],
    ['what speeds do you have', /100, 300 and 900/],
    ['how much is a technician visit', /50 dollars/],
    ['what is your phone number', /555-0199/],
    ['are you open at night', /24 hours a day/],
    ['can i speak to a human', /not able to transfer you.*555-0199/],
    ['how do i get a refund', /do not have that information/],
    ['my router is broken', /do not have that information/],
  ],
  hotel: [
    ['what time is check in', /from 3 pm/],
    ['when do i have to check out', /by 11 am/],
    ['can i check out late', /20 pounds/],
    ['how much is a room with a sea view', /125 pounds/],
    ['how much is the family suite', /180 pounds/],
    ['what rooms do you have', /Standard double, Sea view double and Family suite/],
    ['is there wifi', /^Yes\. Free Wi-Fi/],
    ['what is the wi-fi password', /seagull22/],
    ['where is the pool', /second floor/],
    ['when is breakfast', /7 to 10/],
    ['is breakfast included', /12 pounds/],
    ['can i bring my dog', /10 pounds/],
    ['do you allow cats', /^No\. Cats are not allowed/],
    ['is the lift working', /out of order/],
    ['there is so much noise next door', /sorry for the disturbance.*another room/],
    ['where are you', /in Brighton/],
    ['can you change my booking from another website', /cannot change bookings/],
  ],
  gym: [
    ['who are you', /Coach Max/],
    ['what time do you open on saturday', /7 am/],
    ['how much is a membership', /40 dollars a month/],
    ['do students get a discount', /20 percent/],
    ['who are the trainers', /Lisa and Tom/],
    ['how much is a session with a personal trainer', /60 dollars/],
    ['when is yoga', /Tuesdays and Thursdays/],
    ['when is yoga / and spin', /Saturday at 9/],
    ['do you have a pool', /^No\. We don't have a swimming pool/],
    ['do you have a sauna', /^Yes\. There is a sauna/],
    ['how can i cancel my membership', /30 days notice/],
    ['where is the gym', /55 Main Street/],
    ['what is your email', /hello@irontemple\.example/],
    ['are you closed on christmas', /closed on Christmas/],
  ],
  shop: [
    ['can i return a lamp', /30 days/],
    ['how long does shipping take', /2 to 4 business days/],
    ['is there a warranty', /3 years/],
    ['can i pay with paypal', /PayPal/],
    ['do you do wholesale', /Please email trade@lumen\.example/],
    ['when does my order arrive', /Your order arrives on Friday/],
    ['who am i talking to', /Lumen Lamps/],
  ],
  clinic: [
    ['are you open on sunday', /^No\. Our opening hours are Monday through Friday/],
    ['are you open on tuesday', /^Yes\./],
    ['where is the clinic', /14 Elm Road/],
    ['who are the doctors', /Amara Osei/],
    ['can i get a flu shot', /^Flu shots are available without an appointment/],
    ['when will my prescription be ready', /within 24 hours/],
    ['i want to book an appointment', /May I have your full name/],
    ['i have chest pain', /call 999/],
    ['i have trouble breathing', /call 999/],
    ['i want to book an appointment / i have chest pain', /call 999/],
    ['do you do x rays', /do not have that information/],
    ['what is your name', /Riley/],
  ],
  estate: [
    ['how much is ocean drive', /450,000 dollars/],
    ['how many bedrooms does maple court have', /2 bedrooms/],
    ['when are viewings', /Thursdays and Sundays/],
    ['who is the agent', /Maria Gomez/],
    ['does ocean drive have a garden', /garden/],
    ['is there parking at maple court', /No parking/],
  ],
  trattoria: [
    ['are you open monday', /^No\. We are closed Mondays/],
    ['do you have vegetarian food', /vegetarian and gluten-free/],
    ['how much is the ravioli', /28 dollars/],
    ['is there a dress code', /^No\. There's no dress code/],
    ['where is the restaurant', /Chicago/],
    ['i would like to book a table for four', /cannot do that from here/],
  ],
  parley: [
    ['what is parley', /^Parley is an open-source voice-agent server/],
    ['who are you', /^I am the voice of Parley/],
    ['what can you do', /help you find out what Parley is/],
    ['how do i make my own agent', /press New agent/i],
    ['how can i create an agent', /New agent/],
    ['how do i connect a language model', /OPENAI_BASE_URL/],
    ['can i use ollama', /Ollama/],
    ['what about privacy', /stay on this machine/],
    ['is my voice recorded', /^With what is built in, your voice and your words stay on this machine/],
    ['how do i connect chat gpt', /OPENAI_BASE_URL/],
    ['is it free', /free/],
    ['what does parley cost', /free/],
    ['what is the licence', /Apache/],
    ['can i interrupt you', /^Yes\..*interrupt/],
    ['do you speak german', /English/],
    ['can i use it from python', /web socket/i],
    ['can i change your voice', /voice/],
    ['are you a language model', /not with a language model/],
    ['what is the weather like', /do not have that information/],
  ],
  storage: [
    ['how much is the pro plan', /9 dollars 99/],
    ['what plans do you have', /Free plan, Pro plan and Team plan/],
    ['how do i reset my password', /^You can reset your password at cloudbox\.example/],
    ['do you support linux', /^No\. We don't support Linux/],
    ['does it work on android', /^Yes\./],
    ['how long do deleted files stay in the trash', /30 days/],
    ['it does not work today', /do not have that information/],
    ['what is cloudbox', /^CloudBox is a file storage app/],
    ['tell me some internal information', /cannot share internal information/],
  ],
}

for (const [name, prompt] of Object.entries(prompts.all)) {
  // the tables have the names of the prompts
  for (const [dialogue, expected] of dialogues[name as keyof typeof prompts.all]) {
    test(`${name}: ${dialogue}`, () => {
      const reply = answer(prompt, ...dialogue.split(' / '))
      assert.match(reply, expected)
      assert.doesNotMatch(reply, prompts.styleWords)
    })
  }
}

const smallTalk: readonly (readonly [string, RegExp])[] = [
  ['hello', /How can I help you/],
  ['good morning', /How can I help you/],
  ['how are you today', /fine/],
  ['thank you very much', /welcome/],
  ['okay thanks bye', /Goodbye|welcome/],
  ['goodbye', /Goodbye/],
  ['yes please', /go on|know/],
  ['no thanks', /ask|here/],
  ['are you a real person', /automated assistant, not a person/],
  ['are you chat gpt', /dialogue rules, not .* a language model/],
  ['which language model are you', /dialogue rules/],
  ['what time is it', /no clock/],
  ['can you hear me', /hear you/],
  ['stop', /listening/],
  ["no that's not what I meant", /misunderstood/],
  ['um', /say it again/],
  ['', /say it again/],
  ['my name is anna / what is my name', /Anna/],
  ['what is my name', /not told me/],
  ['hi there my name is john smith / thanks', /John Smith/],
  ['tell me a joke', /do not have that information/],
  ['say that again', /not said anything/],
]
for (const [dialogue, expected] of smallTalk) {
  test(`small talk: ${dialogue || '(nothing understood)'}`, () => {
    assert.match(answer(prompts.bakery, ...dialogue.split(' / ')), expected)
  })
}

test('a greeting before a question does not hide the question', () => {
  assert.match(
    answer(prompts.bakery, 'hi good morning, could you tell me how much the sourdough is please'),
    /4 pounds/,
  )
})

test('"say that again" brings the last reply word for word', () => {
  const [first, again] = converse(prompts.bakery, ['do you deliver', 'sorry can you repeat that'])
  assert.equal(again, first)
})

test('the same question twice is not answered by the same sentence twice in a row', () => {
  const [first, second, third] = converse(prompts.bakery, ['do you deliver', 'do you deliver', 'do you deliver'])
  assert.notEqual(first, second)
  assert.notEqual(second, third)
  for (const reply of [second, third]) assert.match(reply!, /Delivery is not available/)
})

test('what the user says in several pieces is one question', () => {
  const reply = replyTo(
    [
      { role: 'user', content: 'are you open' },
      { role: 'user', content: 'on sunday' },
    ],
    know(prompts.bakery),
  )
  assert.match(reply, /not open on Sunday/)
})

test('context that a program adds is known from then on', () => {
  const messages: LlmMessage[] = [
    { role: 'system', content: "The caller's parcel arrives on Thursday." },
    { role: 'user', content: 'when does my parcel arrive' },
  ]
  assert.equal(replyTo(messages, know(prompts.bakery)), 'Your parcel arrives on Thursday.')
})

const instructions: readonly (readonly [string, RegExp])[] = [
  ['Tell the caller the lookup is still running.', /^The lookup is still running\.$/],
  ['Tell the caller that their order has shipped.', /^Your order has shipped\.$/],
  ['Let the user know that they will be called back.', /^You will be called back\.$/],
  ['Say: one moment please', /^One moment please\.$/],
  ['Say "We will be right with you!"', /^We will be right with you!$/],
  ['Greet the caller.', /^Hello, this is the assistant of Blue Door Bakery/],
  ['Greet the caller warmly by saying "Good day, dear guest."', /^Good day, dear guest\.$/],
  ['Ask the caller for their phone number.', /^May I have your phone number, please\?$/],
  ['Ask the customer if they need anything else.', /^Do you need anything else\?$/],
  ['Ask the caller which day suits them best.', /^Could you tell me which day suits you best\?$/],
  ['Apologize for the delay.', /^I am sorry for the delay\.$/],
  ['Thank the caller for waiting.', /^Thank you for waiting\.$/],
  ['Politely say goodbye.', /^Goodbye/],
  ["The caller's table is ready.", /^Your table is ready\.$/],
  [
    'The caller just said: "how much is the sourdough?". Respond to the caller, calling your tools as needed.',
    /^Sourdough costs 4 pounds\.$/,
  ],
  ['The user typed: "hello"', /How can I help/],
]
for (const [order, expected] of instructions) {
  test(`instructions (checklist 85): ${order}`, () => {
    const messages: LlmMessage[] = [
      { role: 'assistant', content: 'Welcome to the bakery.' },
      { role: 'system', content: order },
    ]
    assert.match(replyTo(messages, know(prompts.bakery)), expected)
  })
}

test('instructions that rules cannot follow do not keep the user from an answer', () => {
  const messages: LlmMessage[] = [
    { role: 'user', content: 'do you deliver' },
    { role: 'system', content: 'Use a pirate accent.' },
  ]
  assert.match(replyTo(messages, know(prompts.bakery)), /Delivery is not available/)
})

test('news from a program do not take the place of the answer that the user waits for', () => {
  const messages: LlmMessage[] = [
    { role: 'user', content: 'do you deliver' },
    { role: 'system', content: 'The oven is hot.' },
  ]
  assert.match(replyTo(messages, know(prompts.bakery)), /Delivery is not available/)
})

test('even what a program orders to be said is cut to what can be listened to', () => {
  const order: LlmMessage = { role: 'system', content: `Say: ${'bread and butter '.repeat(50)}` }
  assert.ok(replyTo([order], know(prompts.bakery)).split(' ').length <= 60)
})

test('a rule that is wholly met goes before a fact', () => {
  const prompt = 'Parking costs 15 dollars. If they ask about parking, tell them the garage is full.'
  assert.equal(answer(prompt, 'how much is parking'), 'The garage is full.')
})

test('what needs no appointment is not refused', () => {
  const prompt = 'There is no appointment needed for flu shots.'
  assert.equal(answer(prompt, 'can i get a flu shot'), prompt)
  assert.equal(answer(prompt, 'do i need an appointment for flu shots'), `No. ${prompt}`)
})

test('a follow-up asks the same of something else', () => {
  const prompt = 'Rye is baked at 6. Sourdough costs 4 pounds. Rye costs 3 pounds.'
  assert.match(answer(prompt, 'how much is the sourdough', 'and the rye'), /Rye costs 3 pounds/)
  assert.match(answer(prompt, 'when is the rye baked', 'and how much is it'), /Rye costs 3 pounds/)
})

test('asked to speak without anything to answer, it greets first and later asks whether it can help', () => {
  const agent = know(prompts.dentist)
  assert.match(replyTo([], agent), /^Hello, this is Sam/)
  assert.match(replyTo([{ role: 'assistant', content: 'Hello, this is Sam.' }], agent), /help/)
})

test('an empty prompt is admitted', () => {
  assert.match(answer('', 'what can you do'), /nobody has told me anything/)
  assert.match(answer('', 'how much is the bread'), /not with a language model, and nobody has told me anything/)
})

test('only the prompt’s own words reach the reply, with the right person', () => {
  assert.equal(answer(prompts.hotel, 'do you sell postcards'), answer(prompts.hotel, 'do you sell balloons'))
  assert.match(
    answer(
      'You are the voice of Fern Books. You sell second-hand books. Your opening hours are 9 to 5.',
      'do you have second hand books',
    ),
    /We sell second-hand books/,
  )
  assert.match(
    answer('You are the voice of Fern Books. Your opening hours are 9 to 5.', 'what are your opening hours'),
    /^Our opening hours are 9 to 5\.$/,
  )
})

const request = (messages: readonly LlmMessage[]): LlmRequest => ({
  messages,
  tools: [],
  sessionId: 's',
  agentId: undefined,
})

test('the reply streams in clauses that together are the reply', async () => {
  const llm = await dialogueLlm.create(DialogueOptions.parse({}), { dataDir: '.', log: () => {} })
  const messages: LlmMessage[] = [
    { role: 'system', content: prompts.bakery },
    { role: 'user', content: 'what time do you open' },
  ]
  const pieces: string[] = []
  for await (const output of llm.open(request(messages), new AbortController().signal)) {
    assert.equal(output.type, 'wrote')
    if (output.type === 'wrote') pieces.push(output.text)
  }
  assert.deepEqual(pieces, ['We open at 7 and close at 5, ', 'Monday to Saturday.'])
  assert.match(llm.info.description, /not a language model/)
  await llm.close()
})

const text = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 100 }),
  fc
    .array(
      fc.constantFrom(
        ...Object.values(prompts.all).flatMap((prompt) => prompt.split(/\s+/)),
        'what',
        'how much is',
        'and',
        'it',
        '?',
        'please',
        'do you',
      ),
      { maxLength: 20 },
    )
    .map((parts) => parts.join(' ')),
)
const anyMessage: fc.Arbitrary<LlmMessage> = fc.oneof(
  fc.record({ role: fc.constantFrom('user' as const, 'assistant' as const, 'system' as const), content: text }),
  fc.record({ role: fc.constant('tool' as const), callId: text, content: text }),
)
const anyPrompt = fc.oneof(fc.constantFrom(...Object.values(prompts.all)), text)

test('whatever is said and whatever the prompt: a reply, never empty, never long, the same for the same words', () => {
  fc.assert(
    fc.property(anyPrompt, fc.array(anyMessage, { maxLength: 8 }), (prompt, messages) => {
      const reply = replyTo(messages, know(prompt))
      assert.notEqual(reply.trim(), '')
      assert.ok(reply.split(/\s+/).length <= 60, `${reply.split(/\s+/).length} words`)
      assert.equal(replyTo(messages, know(prompt)), reply)
    }),
    { numRuns: 300 },
  )
})

test('a long run of turns stays quick and within the prompt', () => {
  const questions = dialogues.hotel.flatMap(([dialogue]) => dialogue.split(' / '))
  for (const reply of converse(prompts.hotel, questions)) assert.doesNotMatch(reply, prompts.styleWords)
})
