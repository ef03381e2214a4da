// Makes the template of the embedded database, unless it is there already. A step of the build.
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { databaseFolder, openStore } from './open.js'
import { template, templatePlace } from './template.js'

if (!template()) {
  const { folder, archive } = templatePlace()
  const place = dirname(folder)
  rmSync(dirname(place), { recursive: true, force: true })
  const unfinished = `${place}.unfinished`
  const store = await openStore({ dataDir: unfinished })
  await store.close()
  const database = await PGlite.create({ dataDir: databaseFolder(unfinished) })
  const packed = await database.dumpDataDir('gzip')
  await database.close()
  writeFileSync(join(unfinished, basename(archive)), Buffer.from(await packed.arrayBuffer()))
  renameSync(unfinished, place)
}
