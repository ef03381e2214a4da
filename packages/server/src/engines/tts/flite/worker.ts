// The thread in which Flite speaks: one message in, one answer out.
import { parentPort, workerData } from 'node:worker_threads'
import { countPhones, type Ending, type Flite, say, type Timbre, type Utterance } from './synthesis.js'
import { Command, type Module } from './wasi.js'

export type Job =
  | { readonly type: 'say'; readonly text: string; readonly timbre: Timbre; readonly ending: Ending }
  | { readonly type: 'count'; readonly words: readonly string[] }

export type Answer =
  | { readonly type: 'said'; readonly utterance: Utterance }
  | { readonly type: 'counted'; readonly counts: readonly number[] | undefined }
  | { readonly type: 'failed'; readonly message: string }

// the pool starts this thread with the compiled module
const module = workerData as Module
/** What the next job runs on. */
let command = new Command(module)
let isSpoiled = false

const flite: Flite = (args) => {
  isSpoiled = true
  const ran = command.run(args)
  isSpoiled = ran.exitCode !== 0
  return ran
}

parentPort?.on('message', (job: Job) => {
  const answer = answerTo(job)
  // the samples were cut out for this answer and have a buffer of their own
  const sound = answer.type === 'said' ? [answer.utterance.samples.buffer as ArrayBuffer] : []
  parentPort?.postMessage(answer, sound)
  // made ready for the next job while, as a rule, nobody waits
  if (isSpoiled) command = new Command(module)
  else command.reset()
})

function answerTo(job: Job): Answer {
  try {
    switch (job.type) {
      case 'say':
        return { type: 'said', utterance: say(flite, job.text, job.timbre, job.ending) }
      case 'count':
        return { type: 'counted', counts: countPhones(flite, job.words) }
    }
  } catch (error) {
    return { type: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}
