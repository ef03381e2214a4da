// Words as a recogniser writes them or a person types them, brought to one form: small, whole, counted, stemmed.

const CONTRACTIONS: readonly (readonly [RegExp, string])[] = [
  [/\bwon't\b/g, 'will not'],
  [/\bcan't\b/g, 'can not'],
  [/\bcannot\b/g, 'can not'],
  [/\b(\w+)n't\b/g, '$1 not'],
  [/\b(what|where|who|when|how|that|it|there|he|she|here|let)'s\b/g, '$1 is'],
  [/'re\b/g, ' are'],
  [/'m\b/g, ' am'],
  [/'ll\b/g, ' will'],
  [/'ve\b/g, ' have'],
  [/'d\b/g, ' would'],
  [/\bwhats\b/g, 'what is'],
  [/\bdont\b/g, 'do not'],
  [/'s\b/g, ''],
  [/\bwi-?\s?fi\b/g, 'wifi'],
  [/\be-?mail/g, 'email'],
  [/\b(check|sign|log|drop|pick)[ -](in|out|up|off)\b/g, '$1$2'],
]

const ONES =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  )
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')

/** A turn is not listened to for longer than this: nobody asks a question of three minutes. */
const LONGEST_TURN_CHARACTERS = 3_000

/** Small words without punctuation; contractions are written out, numbers become digits. */
export function words(text: string): string[] {
  let plain = text.slice(0, LONGEST_TURN_CHARACTERS).toLowerCase().replace(/[’‘]/g, "'")
  for (const [short, long] of CONTRACTIONS) plain = plain.replace(short, long)
  // "7am" is a number and a word
  plain = plain.replace(/(\d)(am|pm|st|nd|rd|th)\b/g, '$1 $2')
  return inDigits(plain.match(/\d+(?:[.:,]\d+)*|[\p{L}\p{M}]+/gu) ?? [])
}

/** "twenty five" → "25", "two hundred" → "200"; "one" by itself is rarely a number and stays. */
function inDigits(spoken: readonly string[]): string[] {
  const written: string[] = []
  for (let at = 0; at < spoken.length; at += 1) {
    const word = spoken[at]!
    const next = spoken[at + 1] ?? ''
    const tens = TENS.indexOf(word)
    const ones = ONES.indexOf(word)
    if (tens >= 0) {
      const unit = ONES.indexOf(next)
      const isJoined = unit >= 1 && unit <= 9
      written.push(String((tens + 2) * 10 + (isJoined ? unit : 0)))
      if (isJoined) at += 1
    } else if (ones >= 0 && next === 'hundred') {
      written.push(String(ones * 100))
      at += 1
    } else {
      written.push(ones >= 0 && word !== 'one' ? String(ones) : word)
    }
  }
  return written
}

const IRREGULAR: Readonly<Record<string, string>> = {
  children: 'child',
  kid: 'child',
  kids: 'child',
  paid: 'pay',
  sold: 'sell',
  bought: 'buy',
  shipping: 'deliv',
  ship: 'deliv',
  ships: 'deliv',
  shipped: 'deliv',
  shipment: 'deliv',
  postage: 'deliv',
  refunds: 'refund',
  returns: 'return',
  reservation: 'book',
  reservations: 'book',
  reserve: 'book',
  bookings: 'book',
  booking: 'book',
  reboot: 'restart',
  mobile: 'phon',
  cellphone: 'phon',
  telephone: 'phon',
  guarantee: 'warrant',
  veggie: 'vegetarian',
  people: 'person',
  doctor: 'dr',
  purchase: 'buy',
  dogs: 'dog',
  this: 'this',
  bus: 'bus',
  gas: 'gas',
  news: 'news',
}

/** Words of one family have one stem: open, opens, opening; deliver, delivery. Digits stay as they are. */
export function stem(word: string): string {
  const known = IRREGULAR[word]
  if (known !== undefined) return known
  if (word.length <= 3 || /\d/.test(word)) return word
  return ENDINGS.reduce((rest, ending) => ending(rest), word)
}

type Ending = (word: string) => string
const strip =
  (pattern: RegExp, shortest: number, replacement = ''): Ending =>
  (word) => {
    const rest = word.replace(pattern, replacement)
    return rest.length >= shortest ? rest : word
  }

const ENDINGS: readonly Ending[] = [
  strip(/ies$/, 3, 'y'),
  strip(/(?<=ss|x|z|ch|sh)es$/, 3),
  strip(/(?<![su])s$/, 3),
  strip(/(ation|ations)$/, 6),
  strip(/(?<=[ts])ion$/, 4),
  strip(/ment$/, 3),
  strip(/ing$/, 3),
  strip(/ed$/, 3),

  strip(/ly$/, 4),
  strip(/(?<=(\w))\1$/, 3, ''),
  strip(/[ey]$/, 3),
  strip(/er$/, 4),
]

const EMPTY = new Set(
  `a an the this that these those it its they them their theirs he she him her his i me my mine we us our ours you your yours
  is are was were be been being am do does did done have has had having will would shall should can could may might must
  and or but if so then than as of at by for from in into on onto to with without about around over under up down out off
  what which who whom whose when where why how there here not no yes any some all each every both more most much many few
  one ones also just only even still too very really please okay ok oh um uh er erm hmm well like want wants wanted need needs
  get gets got getting give gives know knows tell tells told say says said ask asks let lets make makes take takes go going
  come see look looking think guess wonder wondering something anything someone anyone everything thing things kind sort type
  hi hello hey thanks thank sorry excuse help hear right sure actually maybe perhaps because while until again now
  sell sells offer offers offered provide provides serve serves carry stock use uses using used find called long far often
  information info details question questions am pm th st nd rd am's does
  discuss mention share
  made other others another through during via am pm
  caller callers customer customers user users client clients guest guests`
    .split(/\s+/)
    .filter(Boolean),
)

/** Words that narrow a question without changing what it is about. */
const SOFT = new Set(
  `today tomorrow tonight yesterday morning afternoon evening night week weekend weekday day days hour hours minute minutes month year
  currently usually normally exactly available option options place shop store business company office team work works working time times good best first last next early`
    .split(/\s+/)
    .filter(Boolean)
    .map(stem),
)

/** The stems that carry meaning, in order, each once. */
export function contentStems(spoken: readonly string[]): string[] {
  return [...new Set(spoken.filter((word) => !EMPTY.has(word)).map(stem))].filter(
    (word) => word.length > 1 || /\d/.test(word),
  )
}

/** How much it matters that an answer holds this stem. */
export const weightOf = (word: string): number => (SOFT.has(word) ? 0.25 : /^\d/.test(word) ? 0.5 : 1)
