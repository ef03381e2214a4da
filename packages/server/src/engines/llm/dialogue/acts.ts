// What somebody does by speaking, where the words alone tell: greets, thanks, leaves, asks who is there.
import { words } from './words.js'

export type Act =
  | 'silence'
  | 'greeting'
  | 'thanks'
  | 'goodbye'
  | 'yes'
  | 'no'
  | 'fine'
  | 'repeat'
  | 'who'
  | 'abilities'
  | 'human'
  | 'model'
  | 'stop'
  | 'correction'
  | 'howAreYou'
  | 'givesName'
  | 'asksOwnName'
  | 'asksAgentName'
  | 'presence'
  | 'clock'
  | 'person'
  | 'sorry'
  | 'help'

const FILLERS =
  '(?:um|uh|er|erm|hmm|oh|ah|well|so|okay|ok|just|please|then|actually|right|yeah|and|hey|hi|hello|sorry|excuse me|there|again|very much|so much|a lot|for now|you|sir|madam|mate)'
const whole = (pattern: string): RegExp => new RegExp(`^(?:${FILLERS} )*(?:${pattern})(?: ${FILLERS})*$`)

/** In this order: the first that fits counts. Each is the whole of what was said, but for fillers. */
const PATTERNS: readonly (readonly [Act, RegExp])[] = [
  [
    'repeat',
    whole(
      '(?:can|could|would) you (?:please )?(?:repeat|say) (?:that|it|this)(?: again| once more| please)*|(?:please )?repeat(?: that| it)?|say (?:that|it) again|what did you (?:just )?say|what was that|i (?:did not|do not|could not) (?:hear|catch|get|understand) (?:that|you|it|what you said)|come again|pardon(?: me)?|(?:once|one) more(?: time)?|what',
    ),
  ],
  [
    'model',
    /\b(?:which|what) (?:language )?(?:model|llm|ai) (?:are you|is this|do you use)\b|\bare you (?:chat ?gpt|gpt|claude|gemini|siri|alexa|llama)\b|\bare you (?:a )?(?:large )?language model\b/,
  ],
  [
    'human',
    /\bare you (?:a |an )?(?:real |actual )?(?:human|person|robot|bot|machine|computer|ai|artificial|recording|real)\b|\bam i (?:talking|speaking) (?:to|with) (?:a |an )?(?:real |actual )?(?:human|person|robot|bot|machine|computer|ai)\b/,
  ],
  [
    'person',
    /\b(?:speak|talk|connect me|transfer me|put me through|get me|pass me)\b.*\b(?:human|person|someone|somebody|agent|representative|operator|manager|supervisor|staff)\b|^(?:human|operator|agent|representative)(?: please)?$/,
  ],
  ['asksOwnName', whole('what is my name|do you (?:know|remember) my name|who am i')],
  [
    'asksAgentName',
    whole(
      'what is your name|what are you called|what should i call you|do you have a name|(?:can|may) i (?:have|ask|get) your name|your name',
    ),
  ],
  [
    'who',
    whole(
      'who (?:are you|is this|am i (?:speaking|talking) (?:to|with))|what are you|what is this|(?:tell me )?about yourself|tell me about you|introduce yourself|who is there',
    ),
  ],
  [
    'abilities',
    whole(
      'what (?:can|could) you (?:do|help(?: me)?(?: with)?|tell me|offer)(?: for me| about)?|what do you (?:do|know)|how (?:can|could|do) you help(?: me)?|what (?:can|could) i ask(?: you)?(?: about)?|what are you able to do|what else (?:can you (?:do|tell me)|do you know)',
    ),
  ],
  [
    'help',
    whole(
      '(?:i (?:would like|want|need) )?(?:some )?help(?: me)?|can you help(?: me)?|i (?:have|got) a (?:quick )?(?:question|problem)|can i ask (?:you )?(?:a question|something)',
    ),
  ],
  [
    'presence',
    whole(
      'are you (?:still )?(?:there|here|listening)|can you hear me(?: now)?|hello is anyone there|is (?:anyone|anybody|somebody|someone) there|testing|test|1 2 3|testing 1 2 3',
    ),
  ],
  [
    'howAreYou',
    whole(
      'how are you(?: doing)?(?: today)?|how is it going|how do you do|how have you been|what is up|are you (?:ok|okay|well)',
    ),
  ],
  [
    'clock',
    whole(
      'what time is it(?: now)?|what is the time|do you (?:have|know) the time|what day is (?:it|today)(?: today)?|what is (?:the|today) date(?: today)?|what date is it|what is today',
    ),
  ],
  [
    'stop',
    whole(
      '(?:please )?stop(?: it| that| talking)?|be quiet|shut up|quiet|wait(?: a (?:moment|minute|second|sec))?|hold on(?: a (?:moment|minute|second|sec))?|hang on|one (?:moment|second|minute)|never ?mind|forget it|cancel(?: that)?|not now|enough',
    ),
  ],
  [
    'correction',
    whole(
      '(?:no )*(?:that is not (?:what i (?:meant|asked|said)|it|right|correct)|that is wrong|i (?:did not mean|meant something else|mean something else)(?: that)?|you (?:misunderstood|did not understand)(?: me)?|wrong)',
    ),
  ],
  [
    'goodbye',
    whole(
      '(?:thanks |thank you )?(?:good ?bye|bye(?: bye)?|see you(?: later| soon)?|talk to you later|have a (?:nice|good|great) (?:day|one|evening|weekend)|that is (?:all|it)(?: thanks| thank you| for today)*(?: bye| goodbye)?|i (?:have to|got to|must) go|good night|hang up)',
    ),
  ],
  [
    'thanks',
    whole(
      '(?:okay |great |perfect |yes |no )*(?:thanks?|thank you|cheers|much appreciated|i appreciate (?:it|that|your help))(?: (?:so much|very much|a lot|for (?:your help|that|helping|the information)|that is (?:great|helpful|very helpful)|that (?:helps|was helpful)|you too|good ?bye|bye))*',
    ),
  ],
  ['sorry', whole('(?:i am )?(?:so )?sorry(?: about that)?|my (?:bad|mistake)|i apologize')],
  [
    'yes',
    whole(
      'yes|yeah|yep|yup|sure|of course|correct|that is (?:right|correct)|exactly|absolutely|definitely|i do|yes i do|please do|go ahead|yes please',
    ),
  ],
  [
    'no',
    whole(
      'no|nope|nah|not really|no thanks|no thank you|i do not|nothing|nothing else|no that is (?:all|it|fine)|not at the moment|not today',
    ),
  ],
  [
    'fine',
    whole(
      'okay|ok|alright|all right|fine|great|good|perfect|cool|nice|awesome|wonderful|excellent|lovely|got it|i see|i understand|understood|makes sense|sounds good|interesting|wow|brilliant|i am (?:good|fine|well|ok|okay|great)',
    ),
  ],
  [
    'greeting',
    whole(
      'hi|hello|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day)|nice to meet you|hello there|hi there',
    ),
  ],
]

const GIVES_NAME =
  /^(?:(?:hi|hello|hey|there|good morning|good afternoon|good evening|yes|um|uh|so|well|okay) )*(?:my name is|this is|i am called|call me|the name is|you can call me) ((?!the\b|a\b|an\b|about\b|my\b|your\b|not\b|for\b|just\b|it\b)\p{L}+(?: (?!and\b|i\b|calling\b|from\b|here\b|speaking\b)\p{L}+)?)(?: (?:here|speaking|calling))?$/u

/** The act, if the utterance is one and nothing more. */
export function actIn(utterance: string): Act | undefined {
  const text = words(utterance).join(' ')
  if (text === '') return 'silence'
  if (/^(?:um|uh|er|erm|h+m+|mm|ah|oh)(?: (?:um|uh|er|erm|h+m+|mm|ah|oh))*$/.test(text)) return 'silence'
  if (nameGiven(utterance) !== undefined) return 'givesName'
  return PATTERNS.find(([, pattern]) => pattern.test(text))?.[0]
}

/** "my name is john smith" → "John Smith". */
export function nameGiven(utterance: string): string | undefined {
  const name = GIVES_NAME.exec(words(utterance).join(' '))?.[1]
  return name?.replace(/(?<![\p{L}])\p{L}/gu, (letter) => letter.toUpperCase())
}
