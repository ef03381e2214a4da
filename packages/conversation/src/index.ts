// Who speaks when: what the other packages may see.
export { revive } from './connection.js'
export { lastWordsOfAgent } from './history.js'
export { opening } from './lifecycle.js'
export * from './model.js'
export type { Connection, Conversation, Ended, Live, Opening, Start } from './state.js'
export { nextDeadline, step } from './step.js'
