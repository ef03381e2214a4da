// A visit to the page: a server of its own, a fresh browser profile, and the first steps that tests share.
import type { TestContext } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { openPage } from './browser.js'
import { guide, type Line, PageServer } from './scripted-server.js'

export interface Visit {
  readonly page: Page
  readonly server: PageServer
  /** What the browser complained about. */
  readonly complaints: readonly string[]
}

interface Circumstances {
  prepare?(server: PageServer): void
  readonly width?: number
  readonly height?: number
}

const PATIENCE_MS = 10_000

/** The talk button once it can be pressed. */
export const talkButton = 'button.talk:not(:disabled)'

/** Opens the page of a server that has one agent. */
export async function visit(t: TestContext, browser: Browser, circumstances: Circumstances = {}): Promise<Visit> {
  const { prepare, width = 1280, height = 800 } = circumstances
  const server = await PageServer.start()
  t.after(() => server.close())
  server.agents = [guide]
  prepare?.(server)
  const context = await browser.newContext({ viewport: { width, height }, permissions: ['microphone'] })
  t.after(() => context.close())
  const page = await openPage(context, server.url)
  page.setDefaultTimeout(PATIENCE_MS)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  return { page, server, complaints }
}

/** Presses the button and has the server accept the session. */
export async function talking({ page, server }: Visit): Promise<Line> {
  const connected = server.line()
  await page.click(talkButton)
  const line = await connected
  await line.accept()
  await activity(page, 'Listening')
  return line
}

/** Waits until the page says that this is what the agent does. */
export const activity = (page: Page, text: string): Promise<void> =>
  page.getByRole('status').filter({ hasText: text }).waitFor()

/** Every line of the script as `who: what`. */
export const transcript = (page: Page): Promise<string[]> =>
  page
    .locator('.line')
    .evaluateAll((lines) => lines.map((line) => [...line.children].map((part) => part.textContent).join(': ')))
