// Details of settings (176-179).
import { must, Skip, same, string } from '../expect.js'
import type { Chapter } from '../item.js'
import { echoOf, inputKeys, part, refusedFor } from '../kit/settings.js'
import { tone } from '../wire/sound.js'

export const settingDetails: Chapter = {
  heading: 'Details of settings',
  items: [
    {
      number: 176,
      source: 'observed',
      title: '`input.format` as a string: `invalid_value`, `Audio format must be a JSON object`, param `format`.',
      run: (context) =>
        refusedFor(
          context,
          { input: { format: 'pcm16' } },
          'invalid_value',
          'Audio format must be a JSON object',
          'format',
        ),
    },
    {
      number: 177,
      source: 'observed',
      title: '`{"encoding":"audio/pcm"}` without a rate is accepted and echoes 24000.',
      async run(context) {
        const format = { encoding: 'audio/pcm' }
        const echo = await echoOf(context, { input: { format }, output: { format } })
        for (const side of ['input', 'output'])
          same(part(echo, side).format, { ...format, sample_rate: 24_000 }, `${side}.format`)
      },
    },
    {
      number: 178,
      source: 'observed',
      title: 'Explicit null for `voice_focus` and the other nullable settings is accepted.',
      async run(context) {
        const nulls = Object.fromEntries(inputKeys.slice(2).map((key) => [key, null]))
        const echo = await echoOf(context, { input: nulls, output: { volume: null } })
        for (const key of inputKeys.slice(2)) same(part(echo, 'input')[key], null, `input.${key}`)
      },
    },
    {
      number: 179,
      source: 'inferred',
      title: 'Loud input with no speech event for 10 s produces a warning in the log of the server.',
      waits: true,
      async run(context) {
        const { log } = context.facts
        if (!log) throw new Skip('the log of the server is not known. Name its file with --server-log.')
        const peer = await context.ready()
        await context.caller(peer).say(tone(12_000))
        await peer.settled()
        same(peer.of('input.speech.started'), [], 'speech that was found in a tone')
        const id = string(peer.of('session.ready')[0]?.session_id, 'session_id')
        const lines = log()
          .split('\n')
          .filter((line) => line.includes(id))
        must(
          lines.some((line) => /warn|"level":40/i.test(line)),
          'no warning in the log names the session',
        )
        await peer.end()
      },
    },
  ],
}
