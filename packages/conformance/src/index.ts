// What a program that runs the suite may use.
export { Failure, Skip } from './expect.js'
export { defaultFacts, type Facts } from './facts.js'
export type { Chapter, Item, Source } from './item.js'
export { chapters, items } from './items/index.js'
export { compatibilityPage, type Outcome, outcomesOf, unexplained } from './page.js'
export { embeddedEngines, type Parley, scriptedEngines, startParley } from './parley.js'
export { progressLine, summary, table } from './report.js'
export { type Result, type RunOptions, run } from './run.js'
