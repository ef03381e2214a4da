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
let spare: Command | undefined

const flite: Flite = (args) => {
  const command = spare ?? new Command(module)
  spare = undefined
  return command.run(args)
}

parentPort?.on('message', (job: Job) => {
  const answer = answerTo(job)
  parentPort?.postMessage(answer, answer.type === 'said' ? [answer.utterance.samples.buffer as ArrayBuffer] : [])
  // the next one is made while nobody waits for it
  spare ??= new Command(module)
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
