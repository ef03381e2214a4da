// A process that writes agents and tells of each once it is stored, until somebody kills it. Arguments: a place as JSON.
import { openStore, type Place } from '../../dist/storage/open.js'
import { defaultAccountId } from '../../dist/storage/store.js'

const place = JSON.parse(process.argv[2]!) as Place // the test that starts this process writes it
const store = await openStore(place)
for (let number = 1; ; number++) {
  const id = `agent_${process.pid}_${number}`
  await store.agents.create(defaultAccountId, id, { document: { name: 'Kept', number }, secrets: {} })
  await store.agents.update(defaultAccountId, id, ({ document }) => ({
    document: { ...document, changed: true },
    secrets: {},
  }))
  process.stdout.write(`${id}\n`)
}
