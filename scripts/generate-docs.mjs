// Writes the pages that are made from the code. Run it after `npm run build`; tests compare the pages with what it would write.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { documents as wire } from '@parley/protocol/documents'
import { cliPage } from '../packages/server/dist/cli/page.js'
import { configurationPage } from '../packages/server/dist/config/page.js'
import { enginesPage } from '../packages/server/dist/engines/page.js'

/** Every generated page: where it lies, and a function that makes its text. */
const pages = [
  ...wire,
  { path: 'docs/configuration.md', text: configurationPage },
  { path: 'docs/cli.md', text: cliPage },
  { path: 'docs/engines.md', text: enginesPage },
]

const root = fileURLToPath(new URL('..', import.meta.url))
for (const { path, text } of pages) {
  const file = join(root, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, await text())
  console.log(path)
}
