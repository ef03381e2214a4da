// The thread that writes what is kept of all sessions: it encodes their sound and owns their files while they run.
import { rmSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { FromRecorder, ToRecorder } from './messages.js'
import { finishFolder, SessionFiles } from './session-files.js'

const sessions = new Map<string, SessionFiles>()
const tell = (message: FromRecorder): void => parentPort?.postMessage(message)

/** Opening waits for the encoder, so the messages stand in line. */
let line = Promise.resolve()
parentPort?.on('message', (message: ToRecorder) => {
  line = line.then(() => handle(message)).catch((error: unknown) => fail(message, error))
})

async function handle(message: ToRecorder): Promise<void> {
  const files = sessions.get(message.id)
  switch (message.type) {
    case 'open':
      sessions.set(message.id, await SessionFiles.open(message))
      return
    case 'sound':
      tell({ type: 'taken', id: message.id, bytes: message.batch.length })
      return files?.take(message.batch, message.until)
    case 'entry':
      return files?.note(message.entry)
    case 'finish':
      sessions.delete(message.id)
      return tell({ type: 'finished', id: message.id, files: files ? files.finish(message) : finishFolder(message) })
    case 'leave':
      sessions.delete(message.id)
      files?.leave()
      return tell({ type: 'left', id: message.id })
    case 'discard':
      sessions.delete(message.id)
      files?.close()
      rmSync(message.folder, { recursive: true, force: true })
      return tell({ type: 'discarded', id: message.id })
  }
}

function fail({ type, id }: ToRecorder, error: unknown): void {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  tell({ type: 'failed', id, what: type, code })
  if (type === 'finish') tell({ type: 'finished', id, files: [] })
  if (type === 'leave') tell({ type: 'left', id })
  if (type === 'discard') tell({ type: 'discarded', id })
}
