// Every voice name that an agent may ask for, current and legacy (protocol.md section 8.3), as one of Flite's speakers changed.
import type { Voice } from '../../engine.js'
import type { Timbre } from './synthesis.js'

export interface FliteVoice extends Voice {
  readonly timbre: Timbre
}

/** The voice of that name, in lower case. */
export const voiceNamed = (name: string): FliteVoice | undefined => byName.get(name)

type Row = readonly [name: string, pitchHz: number, brightness: number, tempo: number, meantFor?: string]

/** Women: Flite's slt, an American. Her own pitch is about 172 Hz. */
const slt: readonly Row[] = [
  ['alba', 172, 1, 1],
  ['anna', 182, 0.95, 0.95, 'British English'],
  ['eve', 196, 1.05, 1.05],
  ['jane', 164, 1, 1.05],
  ['jean', 156, 0.95, 0.95],
  ['mary', 180, 1, 0.95],
  ['vera', 160, 0.95, 1, 'British English'],
  ['iris', 190, 1, 1],
  ['estelle', 204, 1.05, 1, 'French'],
  ['lola', 198, 1, 1.05, 'Spanish'],
  ['ivy', 176, 1.05, 1.05],
  ['winter', 168, 0.95, 1],
  ['bella', 210, 1.05, 1.05],
  ['helen', 162, 1, 0.95],
  ['martha', 150, 0.95, 0.95],
  ['river', 158, 1, 1],
  ['emma', 188, 1.05, 1],
  ['eleanor', 170, 0.95, 0.95],
  ['giulia', 194, 1, 1.1, 'another language'],
  ['lucia', 202, 1, 1, 'another language'],
  ['mia', 216, 1.05, 1.05],
  ['sophie', 192, 1.05, 1],
  ['mei', 208, 1.1, 1, 'another language'],
  ['lena', 178, 0.95, 1.05, 'another language'],
  ['mina', 214, 1.1, 1.05, 'another language'],
  ['hana', 220, 1.1, 1, 'another language'],
  ['claire', 186, 1, 1.05],
  ['dawn', 166, 1, 0.9],
  ['slt', 172, 1, 1.1],
]

/** Men: Flite's rms, an American, the clearest of all. His pitch is always his own, about 102 Hz, times the brightness. */
const rms: readonly Row[] = [
  ['michael', 102, 1, 1.1],
  ['james', 107, 1.05, 1.1],
  ['george', 97, 0.95, 1.05],
  ['reid', 107, 1.05, 1.2],
  ['david', 102, 1, 1.2],
  ['victor', 92, 0.9, 1.1],
  ['ethan', 112, 1.1, 1.15],
  ['juergen', 97, 0.95, 1.15, 'German'],
  ['rafael', 112, 1.1, 1.05, 'Portuguese'],
  ['pierre', 107, 1.05, 1, 'another language'],
  ['rms', 102, 1, 1],
]

/** Men: Flite's awb, a Scot; the one British speaker that there is. His own pitch is about 131 Hz. */
const awb: readonly Row[] = [
  ['charles', 112, 0.95, 0.95],
  ['paul', 128, 1, 1],
  ['oliver', 140, 1.05, 1.05],
  ['jack', 134, 1, 1.1],
  ['giovanni', 146, 1, 1.1, 'Italian'],
  ['dmitri', 104, 0.95, 1, 'another language'],
  ['luca', 150, 1.05, 1.1, 'another language'],
  ['mateo', 138, 1, 1, 'another language'],
  ['lukas', 124, 0.95, 1.05, 'another language'],
  ['joon', 144, 1.05, 1, 'another language'],
  ['awb', 131, 1, 0.95],
]

/** Men: Flite's kal, an American; plainly a machine, and quick to make. His own pitch is about 91 Hz. */
const kal16: readonly Row[] = [
  ['tyler', 112, 1.05, 1.05],
  ['kyle', 104, 1, 1.1],
  ['sam', 118, 1.05, 1],
  ['arjun', 108, 1, 1, 'another language'],
  ['diego', 114, 1, 1.05, 'another language'],
  ['ren', 122, 1.05, 1.05, 'another language'],
  ['kal16', 92, 1, 1],
]

const speakers = {
  slt: { rows: slt, language: 'en-US', who: "A woman's voice, American English (Flite slt)" },
  rms: { rows: rms, language: 'en-US', who: "A man's voice, American English (Flite rms)" },
  awb: { rows: awb, language: 'en-GB', who: "A man's voice, Scottish English (Flite awb)" },
  kal16: { rows: kal16, language: 'en-US', who: "A man's voice, American English, mechanical (Flite kal)" },
} as const

export const fliteVoices: readonly FliteVoice[] = (['slt', 'rms', 'awb', 'kal16'] as const).flatMap((speaker) => {
  const { rows, language, who } = speakers[speaker]
  return rows.map(([id, pitchHz, brightness, tempo, meantFor]) => ({
    id,
    language,
    description: `${who}${manner(brightness, tempo)}.${note(meantFor)}`,
    sample: `Hello, this is ${id[0]!.toUpperCase()}${id.slice(1)}. What can I do for you today?`,
    timbre: speaker === 'rms' ? { speaker, brightness, tempo } : { speaker, pitchHz, brightness, tempo },
  }))
})

const byName = new Map(fliteVoices.map((voice) => [voice.id, voice]))

function manner(brightness: number, tempo: number): string {
  const colour = brightness > 1 ? ', bright' : brightness < 1 ? ', dark' : ''
  const speed = tempo > 1 ? ', brisk' : tempo < 1 ? ', unhurried' : ''
  return colour + speed
}

function note(meantFor: string | undefined): string {
  return meantFor
    ? ` Elsewhere a voice for ${meantFor}: Flite speaks no other English than this, and no other language.`
    : ''
}
