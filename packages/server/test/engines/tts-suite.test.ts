import { ttsSuite } from '../../dist/engines/kit/suite-tts.js'
import { fliteTts } from '../../dist/engines/tts/flite/flite.js'
import { scriptedTts } from '../../dist/engines/tts/scripted.js'

ttsSuite('the scripted voice', async () => scriptedTts())
ttsSuite('the scripted voice that knows its words', async () => scriptedTts({ knowsWords: true }))
ttsSuite('Flite', () => fliteTts.create(fliteTts.options.parse({}), { dataDir: '', log: () => undefined }))
