// Who speaks when: what the other packages may see.
export { lastWordsOfAgent } from './history.js'
export { opening } from './lifecycle.js'
export * from './model.js'
export type { Conversation, Ended, Live, Opening, Start } from './state.js'
export { nextDeadline, step } from './step.js'
