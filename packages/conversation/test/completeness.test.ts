// How finished a text sounds, phrase by phrase.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asksYesOrNo, completenessOf } from '../dist/completeness.js'

/** Each with what the agent said last, where that matters. Full stops are as recognisers write them: everywhere. */
type Phrase = string | readonly [text: string, question: string]

const check = (phrases: readonly Phrase[], holds: (complete: number, dictating: boolean) => boolean): void => {
  for (const phrase of phrases) {
    const [text, question] = typeof phrase === 'string' ? [phrase, ''] : phrase
    const { complete, dictating, why } = completenessOf(text, question)
    assert.ok(
      holds(complete, dictating),
      `"${text}" after "${question}": ${complete}, ${dictating ? 'dictating, ' : ''}${why}`,
    )
  }
}

test('a whole question is nearly sure to be finished', () => {
  check(
    [
      'What time is it?',
      'what is the weather in paris',
      'Can you help me?',
      'How much is it?',
      "What's the price of a ticket?",
      'Is it open on Sunday',
      'Are there any tables free.',
      'Why did that happen.',
      'Do you have a table for two.',
      'So, where do I sign.',
      'How many people can come.',
      'Which one is cheaper.',
    ],
    (complete, dictating) => complete >= 0.85 && complete <= 0.9 && !dictating,
  )
})

test('a question by its tone alone is likely to be finished', () => {
  check(
    ['You are open on Sunday?', 'Tomorrow?', 'Really, the blue one?'],
    (complete) => complete >= 0.8 && complete < 0.85,
  )
})

test('a question may end with a preposition', () => {
  check(
    ['Where are you from?', 'What are you looking for?', 'Who is this for.', 'What do you think about'],
    (complete) => complete >= 0.65 && complete <= 0.85,
  )
})

test('an ordinary closed sentence is likely to be finished', () => {
  check(
    [
      'My name is John.',
      'I live in Paris.',
      'I would like to book a table for two.',
      'I need help with my order.',
      'I do not know.',
      'Turn it on.',
      'Please turn that off.',
      'I want to log in.',
      'Tell me a story.',
      'I called her yesterday.',
      'It costs three hundred.',
      'I have two.',
      'Je voudrais une table pour deux personnes.',
    ],
    (complete, dictating) => complete === 0.7 && !dictating,
  )
})

test('few words are a little less sure', () => {
  check(
    ['Tomorrow.', 'Hello.', 'Hi there.', 'At five.', 'Not really.', 'Twenty five.'],
    (complete) => complete >= 0.5 && complete < 0.7,
  )
})

test('yes and no are whole answers after a question that asks for them', () => {
  const question = 'Fine. Would you like a table?'
  check(
    [
      ['Yes.', question],
      ['No.', question],
      ['Yeah sure.', question],
      ['No thanks.', question],
      ['Okay.', 'You want the blue one, right?'],
    ],
    (complete) => complete >= 0.9,
  )
  check(['Yes.', ['Yes.', 'What is your name?'], ['Yes.', 'I see.']], (complete) => complete === 0.75)
  check(
    [
      ['Yes but.', question],
      ['No because.', question],
    ],
    (complete) => complete < 0.1,
  )
})

test('thanks and goodbyes close a turn', () => {
  check(
    ["That's all.", 'Thank you.', 'Okay, bye.', 'A table for two, please.', 'Never mind.', 'Stop.'],
    (complete) => complete === 0.9,
  )
})

test('an open end calls for more', () => {
  check(
    [
      'My name is.',
      'I want to go to the.',
      'I would like a table for.',
      'And then I.',
      'Because.',
      'I was wondering if.',
      'Could you.',
      'What about.',
      'The problem is.',
      'I live in.',
      'She said that.',
      'Yes, and.',
      'I bought milk, eggs,',
      'I bought milk and...',
      'I mean the big—',
      'It is my.',
    ],
    (complete, dictating) => complete <= 0.1 && !dictating,
  )
})

test('fillers say that the speaker is thinking', () => {
  check(
    ['Um.', 'I think, um.', 'So.', 'Well.', 'I would say, let me see.', 'It was, you know.', 'One second.'],
    (complete) => complete === 0,
  )
})

test('a subordinate clause leads to a main one', () => {
  check(['When I was young.', 'If it rains tomorrow.', 'Because he was late.'], (complete) => complete === 0.35)
})

test('a short form of a sentence may be whole', () => {
  check(['I am.', 'Yes I do.', 'I think it is.', 'If you could.'], (complete) => complete === 0.6)
})

test('no words are surely unfinished', () => {
  check(['', '  ', '...'], (complete) => complete === 0)
})

test('a value in progress is waited for', () => {
  check(
    [
      ['five five five', 'What is your phone number?'],
      ['555-121.', 'What is your phone number?'],
      'My number is five five five.',
      'My zip code is nine four one.',
      'My account number is 4 4 8 2.',
      ['4111 1111 1111', 'May I have your credit card number?'],
      'one two three',
      'The area code.',
      'It is double.',
      ['J O H N', 'Could you spell it?'],
      'It is J-O-H.',
      'B as in.',
      ['john at', 'What is your e-mail address?'],
      ['john', 'What is your email?'],
      ['john at example dot', 'What is your email?'],
      'My email is john.',
      ['Twelve Main.', 'What is your home address?'],
    ],
    (_, dictating) => dictating,
  )
})

test('a value that is whole is not waited for', () => {
  check(
    [
      ['five five five one two one two three four five', 'What is your phone number?'],
      ['555-121-2345.', 'What is your phone number?'],
      'My zip code is nine four one one zero.',
      ['4111 1111 1111 1111', 'May I have your credit card number?'],
      ['john at example dot com', 'What is your email?'],
      ['John@example.com.', 'What is your email?'],
      ['No thanks.', 'What is your email?'],
      ["I don't have one.", 'What is your email?'],
      ['12 Main Street, Springfield.', 'What is your home address?'],
      ['Why?', 'What is your home address?'],
      'I have two cats and three dogs.',
      'I was born in nineteen ninety five.',
      'It is ten thirty.',
      ['one two three four', 'Tell me the last four digits of the account number.'],
    ],
    (_, dictating) => !dictating,
  )
})

test('a question that yes or no answers is told from others', () => {
  for (const question of [
    'Do you smoke?',
    'Great. So, would you like one?',
    'You live in Paris, right?',
    'Is that “it?”',
  ])
    assert.ok(asksYesOrNo(question), question)
  for (const question of ['', 'What is your name?', 'Do you smoke? I do.', 'I see.', 'Is it? What time?'])
    assert.ok(!asksYesOrNo(question), question)
})
