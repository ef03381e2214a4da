// Makes the template of the embedded database, unless it is there already. A step of the build.
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { EmbeddedDatabase } from './embedded.js'
import { template, templateFolder } from './template.js'

if (!template()) {
  const folder = templateFolder()
  rmSync(dirname(folder), { recursive: true, force: true })
  const database = new EmbeddedDatabase(folder)
  await database.running()
  await database.close()
}
