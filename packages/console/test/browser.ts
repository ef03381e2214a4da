// A real Chromium with a recording as its microphone, and an ear at its speaker.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeWav } from '@parley/server/audio/wav.js'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Why no browser test can run here, if none can. */
export const noBrowser: string | undefined = existsSync(executablePath)
  ? undefined
  : `no Chromium at ${executablePath}; install it or name one in CHROMIUM`

export const SAMPLE_RATE_HZ = 48_000

/** Starts Chromium; its microphone plays `microphone` (samples at 48 kHz) once, from when it is opened. */
export async function startBrowser(microphone: Int16Array, extraFlags: readonly string[] = []): Promise<Browser> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-page-'))
  const recording = join(folder, 'microphone.wav')
  writeFileSync(recording, writeWav({ sampleRateHz: SAMPLE_RATE_HZ, samples: microphone }))
  const browser = await chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${recording}%noloop`,
      ...extraFlags,
    ],
  })
  browser.on('disconnected', () => rmSync(folder, { recursive: true, force: true }))
  return browser
}

/** What the speaker's worklet told the page, as it told it. */
export interface SpeakerReport {
  readonly type: 'audible' | 'finished' | 'position'
  readonly reply: string
  readonly ms?: number
  readonly level?: number
  /** Milliseconds of the page's clock. */
  readonly told: number
}
/** A frame of the microphone: its loudest sample, 0 to 1, and when the page had it. */
export interface MicrophoneReport {
  readonly peak: number
  readonly told: number
}
interface Listening {
  readonly speaker: SpeakerReport[]
  readonly microphone: MicrophoneReport[]
}

/** Opens the page with an ear at every audio worklet. */
export async function openPage(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  await page.addInitScript(() => {
    const listening: Listening = { speaker: [], microphone: [] }
    Object.assign(globalThis, { listening })
    const Node = globalThis.AudioWorkletNode
    if (!Node) return
    globalThis.AudioWorkletNode = class extends Node {
      constructor(audio: BaseAudioContext, name: string, options?: AudioWorkletNodeOptions) {
        super(audio, name, options)
        this.port.addEventListener('message', ({ data }) => {
          const told = performance.now()
          if (name.endsWith('playback')) listening.speaker.push({ ...data, told })
          else listening.microphone.push({ peak: Math.max(...data.samples.map(Math.abs)) / 0x8000, told })
        })
      }
    }
  })
  await page.goto(url)
  return page
}

// What the init script put on the page is read back as it was put there.
const listened = (page: Page): Promise<Listening> =>
  page.evaluate(() => (globalThis as unknown as { listening: Listening }).listening)

export const speakerReports = async (page: Page): Promise<readonly SpeakerReport[]> => (await listened(page)).speaker
export const microphoneReports = async (page: Page): Promise<readonly MicrophoneReport[]> =>
  (await listened(page)).microphone

export const silence = (seconds: number): Int16Array => new Int16Array(Math.round(SAMPLE_RATE_HZ * seconds))

export const hum = (seconds: number, hz = 300): Int16Array =>
  Int16Array.from(silence(seconds), (_, index) => 9000 * Math.sin((2 * Math.PI * hz * index) / SAMPLE_RATE_HZ))
