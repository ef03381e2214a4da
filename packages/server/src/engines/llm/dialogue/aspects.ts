// What a question can be after: a price, a place, a time; and which sentences tell such a thing.

export type Aspect =
  | 'hours'
  | 'price'
  | 'place'
  | 'time'
  | 'contact'
  | 'delivery'
  | 'returns'
  | 'payment'
  | 'person'
  | 'list'

interface AspectRule {
  readonly aspect: Aspect
  /** How it is asked for, in small words without punctuation. */
  readonly asked: RegExp
  /** How a sentence tells it. */
  readonly told: RegExp
  /** The stems by which it is named. */
  readonly stems: readonly string[]
  /** What to call it when it is offered. */
  readonly label?: string
}

const DAY = '(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?s?'
const MONEY = String.raw`[$£€]\s?\d|\d\s?(?:dollars?|pounds?|euros?|cents?|pence|percent|usd|gbp|eur)\b`

const RULES: readonly AspectRule[] = [
  {
    aspect: 'hours',
    asked: /\b(open|opens|opening|close|closes|closing|closed|shut|hours)\b/,
    told: /\b(?:is|are|be|we|stay|stays|remain) (?:open|closed)\b|\bopen (?:at|from|until|till|every|daily|on|all|24|\d|mon|tue|wed|thu|fri|sat|sun)|\b(?:opens|opening|close[sd]|closing|hours)\b|\bclose (?:at|on)\b/i,
    stems: ['open', 'clos', 'shut', 'hour'],
    label: 'opening hours',
  },
  {
    aspect: 'price',
    asked:
      /\bhow much\b|\b(price|prices|pricing|cost|costs|charge|charges|fee|fees|expensive|cheap|cheapest|rates|free)\b/,
    told: new RegExp(
      `${MONEY}|\\b(?:costs?|prices?|priced|fees?|charges?|(?:is|are|for|eat|enter|ships?) free|free (?:of charge|wi-?fi|parking|delivery|shipping|entry))\\b`,
      'i',
    ),
    stems: ['pric', 'cost', 'charg', 'fee', 'expensiv', 'cheap', 'rat'],
    label: 'prices',
  },
  {
    aspect: 'place',
    asked: /\bwhere\b|\b(address|located|location|directions?|find you)\b/,
    told: /\b(located|location|address is|street|road|avenue|lane|square|boulevard|corner of|opposite|next to|floor|downtown)\b|^We are in |\b(?:in|at|near) [A-Z]/,
    stems: ['locat', 'address', 'direct'],
    label: 'where to find us',
  },
  {
    aspect: 'time',
    asked:
      /\bwhen\b|\bwhat times?\b|\bhow (long|soon|quickly|fast|late|early)\b|\bwhat days?\b|\bhow many (days|hours|minutes|weeks)\b/,
    told: new RegExp(
      String.raw`\b\d{1,2}(?::\d\d)?\s?(?:am|pm|a\.m|p\.m|o'clock)|\b${DAY}\b|\b(?:minutes?|hours?|days?|weeks?|months?|noon|midnight|morning|evening|daily|nightly)\b|\b(?:at|from|by|until|till|before|after) \d`,
      'i',
    ),
    stems: [],
  },
  {
    aspect: 'contact',
    asked: /\b(phone|email|contact|reach|get in touch|call you|ring you|website)\b/,
    told: /\b(phone|telephone|call|email|contact|reach|website|hotline)\b|@|\b\d{3}[- ]\d{3,}/i,
    stems: ['phon', 'email', 'contact', 'reach', 'websit'],
    label: 'how to reach us',
  },
  {
    aspect: 'delivery',
    asked: /\b(deliver|delivers|delivery|deliveries|delivered|shipping|ship)\b/,
    told: /\b(deliver\w*|ship(?:s|ped|ping|ment)?)\b/i,
    stems: ['deliv'],
    label: 'delivery',
  },
  {
    aspect: 'returns',
    asked: /\b(return|returns|refund|refunds|exchange|money back|send it back|bring it back|give it back)\b/,
    told: /\b(returns?|returned|refunds?|exchanges?|money back)\b/i,
    stems: ['return', 'refund', 'exchang'],
    label: 'returns',
  },
  {
    aspect: 'payment',
    asked: /\b(pay|paying|payment|payments|cash|credit card|credit cards|cards|visa|mastercard|paypal|contactless)\b/,
    told: /\b(pay|paid|payments?|cash|cards?|visa|mastercard|paypal|contactless)\b/i,
    stems: ['pay', 'cash', 'card'],
    label: 'payment',
  },
  {
    aspect: 'person',
    asked: /\bwho\b/,
    told: /\b(?:Dr|Mr|Mrs|Ms|Doctor|owner|manager|founder|chef|director)\b/,
    stems: [],
  },
  {
    aspect: 'list',
    asked:
      /\b(what|which) (kind|kinds|sort|sorts|type|types|\w+s) (of \w+ )?(do|can|are|is)\b|\bwhat (else )?(do|can) you (have|sell|offer|serve|make)\b|\b(menu|list|options|choices|range|selection)\b/,
    told: /^(?:Our|We (?:have|offer|sell|serve|carry|make))\b.*(?:,| and )/,
    stems: ['menu', 'list', 'choic', 'select', 'rang'],
  },
]

export const askedFor = (spoken: readonly string[]): Aspect[] => {
  const text = spoken.join(' ')
  return RULES.filter(({ asked }) => asked.test(text)).map(({ aspect }) => aspect)
}

export const toldBy = (sentence: string): Aspect[] =>
  RULES.filter(({ told }) => told.test(sentence)).map(({ aspect }) => aspect)

/** The aspect that a stem by itself names. */
export const aspectOfStem = (word: string): Aspect | undefined =>
  RULES.find(({ stems }) => stems.includes(word))?.aspect

export const labelOf = (aspect: Aspect): string | undefined => RULES.find((rule) => rule.aspect === aspect)?.label
