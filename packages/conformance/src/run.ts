// A run of the suite: every item once, those that failed a second time when it is quiet, and what must hold everywhere.
import { Context, World } from './context.js'
import { Failure, Skip } from './expect.js'
import type { Facts } from './facts.js'
import type { Item, Source } from './item.js'

const LONGEST_MS = 150_000

export interface Result {
  readonly number: number
  readonly source: Source
  readonly title: string
  readonly result: 'passes' | 'fails' | 'skipped'
  /** What was seen of a failure, or the reason why it was skipped. */
  readonly why?: string
  readonly seconds: number
}

export interface RunOptions {
  /** How many items are tried at once, beside those that only wait. */
  readonly jobs: number
  /** Which of the items that failed are tried again, alone, after all others: a busy machine is no fault of the server. */
  readonly again: (failed: readonly number[]) => readonly number[]
  /** Told of every item as it is done. */
  readonly told?: (result: Result, done: number, of: number) => void
}

/** The results in the order of the items. */
export async function run(facts: Facts, items: readonly Item[], options: RunOptions): Promise<readonly Result[]> {
  const world = await World.of(facts)
  try {
    const results = new Map<Item, Result>()
    const tried = async (item: Item) => {
      const result = await attempt(world, item)
      results.set(item, result)
      options.told?.(result, results.size, items.length)
    }
    const waiting = items.filter(({ waits }) => waits)
    const busy = items.filter(({ waits }) => !waits)
    await Promise.all([...waiting.map(tried), ...Array.from({ length: options.jobs }, () => drain(busy, tried))])
    const failed = items.filter((item) => results.get(item)?.result === 'fails')
    const again = options.again(failed.map(({ number }) => number))
    world.forget()
    for (const item of failed) if (again.includes(item.number)) await tried(item)
    return items.map((item) => everywhere(world, item, results.get(item)!))
  } finally {
    await world.close()
  }
}

/** Takes items from the list until there are none. */
async function drain(items: Item[], tried: (item: Item) => Promise<void>): Promise<void> {
  for (let item = items.shift(); item; item = items.shift()) await tried(item)
}

async function attempt(world: World, item: Item): Promise<Result> {
  const context = new Context(world, item.number)
  const { number, source, title } = item
  const began = performance.now()
  const outcome = await settle(item.run(context))
  await context.close()
  return { number, source, title, ...outcome, seconds: (performance.now() - began) / 1000 }
}

async function settle(running: Promise<void>): Promise<Pick<Result, 'result' | 'why'>> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Failure(`no end within ${LONGEST_MS / 1000} s`)), LONGEST_MS)
  })
  try {
    await Promise.race([running, late])
    return { result: 'passes' }
  } catch (error) {
    if (error instanceof Skip) return { result: 'skipped', why: error.message }
    return {
      result: 'fails',
      why: error instanceof Failure ? error.message : `a fault of the suite: ${traceOf(error)}`,
    }
  } finally {
    clearTimeout(timer)
  }
}

const traceOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))

function everywhere(world: World, item: Item, result: Result): Result {
  if (!item.everywhere || result.result === 'fails') return result
  for (const trace of world.traces) {
    try {
      item.everywhere(trace)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      return { ...result, result: 'fails', why: `${error.message} (in a connection of item ${trace.item})` }
    }
  }
  return result
}
