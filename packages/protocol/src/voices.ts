// The voice names that clients know: those of today, and those of earlier generations, which stay valid.

/** What a voice is. `language` is the BCP 47 tag of the language that it speaks best. */
export interface Voice {
  readonly name: string
  readonly language: string
  readonly accent: string
  readonly generation: 'current' | 'legacy'
}

export const defaultVoice = 'alba'

const group = (generation: Voice['generation'], language: string, accent: string, names: string): readonly Voice[] =>
  names.split(' ').map((name) => ({ name, language, accent, generation }))

/**
 * Every accepted name, current ones first, each generation in alphabetical order (protocol section 8.3).
 * Where nobody documented an accent, it is the one that the name suggests.
 */
export const voices: readonly Voice[] = [
  ...group('current', 'en-US', 'US English', 'alba eve george iris jane jean mary michael reid'),
  ...group('current', 'en-GB', 'British English', 'anna charles paul vera'),
  ...group('current', 'es', 'Spanish', 'lola'),
  ...group('current', 'it', 'Italian', 'giovanni'),
  ...group('current', 'de', 'German', 'juergen'),
  ...group('current', 'pt', 'Portuguese', 'rafael'),
  ...group('current', 'fr', 'French', 'estelle'),
  ...group(
    'legacy',
    'en-US',
    'US English',
    'bella david eleanor emma helen ivy jack james kyle martha mia river sam tyler victor winter',
  ),
  ...group('legacy', 'en-GB', 'British English', 'ethan oliver sophie'),
  ...group('legacy', 'hi', 'Hindi', 'arjun'),
  ...group('legacy', 'ru', 'Russian', 'dmitri'),
  ...group('legacy', 'fr', 'French', 'pierre'),
  ...group('legacy', 'it', 'Italian', 'giulia luca'),
  ...group('legacy', 'es', 'Spanish', 'diego lucia mateo'),
  ...group('legacy', 'zh', 'Chinese', 'mei'),
  ...group('legacy', 'de', 'German', 'lena lukas'),
  ...group('legacy', 'ko', 'Korean', 'joon mina'),
  ...group('legacy', 'ja', 'Japanese', 'hana ren'),
].sort((one, other) =>
  one.generation === other.generation
    ? one.name.localeCompare(other.name, 'en')
    : one.generation === 'current'
      ? -1
      : 1,
)

/** Every accepted name. */
export const voiceNames: readonly string[] = voices.map(({ name }) => name)

const legacyNames = new Set(voices.filter(({ generation }) => generation === 'legacy').map(({ name }) => name))

/** The sentence for a name that is none of `known`; earlier generations are accepted but not advertised (checklist 41, 145). */
export const invalidVoice = (name: string, known: readonly string[]): string => {
  const offered = known.filter((voice) => !legacyNames.has(voice))
  const shown = name.length > 64 ? `${name.slice(0, 64)}…` : name
  return `Invalid voice '${shown}'. Must be one of: ${(offered.length > 0 ? offered : known).join(', ')}`
}

const english = 'Hello, how are you today? I am glad that you called.'
const samples: Readonly<Record<string, string>> = {
  en: english,
  es: 'Hola, ¿cómo está usted hoy? Me alegro de que haya llamado.',
  it: 'Buongiorno, come sta oggi? Sono contento che abbia chiamato.',
  de: 'Guten Tag, wie geht es Ihnen heute? Schön, dass Sie anrufen.',
  pt: 'Olá, como está hoje? Que bom que ligou.',
  fr: "Bonjour, comment allez-vous aujourd'hui ? Je suis heureux de votre appel.",
}

/** A sentence to try a voice of this language with; English where there is none. */
export const sampleText = (language: string): string => samples[language.split('-')[0] ?? ''] ?? english
