#!/usr/bin/env node
// The command `parley`. It is in the tree before anything is built, so that an install can link it.
import { existsSync } from 'node:fs'

const built = new URL('../dist/cli.js', import.meta.url)
if (!existsSync(built)) {
  console.error('parley: It is not built yet. Run `npm run build` in the checkout, or `npm start`, which builds first.')
  process.exit(1)
}
await import(built.href)
