// The settings: what they may be, what they are without, and how they are described.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { configurationHelp, configurationPage } from '../dist/config/page.js'
import { isLoopback, readConfig, settings } from '../dist/config.js'

const read = (environment: Record<string, string>) => readConfig(environment).config
const problemOf = (environment: Record<string, string>): string => {
  try {
    readConfig(environment)
  } catch (error) {
    assert.ok(error instanceof Error && error.name === 'ConfigError')
    return error.message
  }
  return ''
}

describe('settings', () => {
  it('all have a default, and none needs to be given', () => {
    assert.deepEqual(readConfig({}), {
      config: {
        host: '127.0.0.1',
        port: 8080,
        dataDir: '.parley',
        databaseUrl: undefined,
        databaseTimeoutSeconds: 10,
        apiKey: undefined,
        secretKeys: undefined,
        logLevel: 'info',
        vad: 'auto',
        stt: 'auto',
        turn: 'auto',
        llm: 'auto',
        tts: 'auto',
        vadOptions: {},
        sttOptions: {},
        turnOptions: {},
        llmOptions: {},
        ttsOptions: {},
        openaiApiKey: undefined,
        openaiBaseUrl: undefined,
        llmModel: undefined,
        defaultVoice: 'alba',
        apology: undefined,
        maxSessions: 100,
        maxSessionsPerAccount: 0,
        sessionCapSeconds: 10_800,
        firstMessageSeconds: 30,
        resumeGraceSeconds: 30,
        pingSeconds: 20,
        idleSeconds: 0,
        drainSeconds: 20,
        webhookLogDays: 30,
        tokenReuse: 'refuse',
        rateLimit: 20_000,
        authFailures: 60,
        trustProxy: [],
        strictCompat: 'off',
        corsOrigins: [],
        recordings: 'on',
        retentionDays: 30,
        publicUrl: undefined,
        s3Bucket: undefined,
        s3Endpoint: undefined,
        s3Region: 'us-east-1',
        s3AccessKeyId: undefined,
        s3SecretAccessKey: undefined,
        s3Prefix: 'parley/sessions',
        s3PathStyle: 'on',
        twilioAccountSid: undefined,
        twilioAuthToken: undefined,
        twilioApiKey: undefined,
        twilioApiSecret: undefined,
        twilioApiUrl: undefined,
        telnyxPublicKey: undefined,
        callDestinations: [],
        maxCalls: 50,
        callsPerKey: 10,
        callsPerKeyAndDay: 200,
        console: 'keyless',
        privateUrls: 'on',
        metrics: 'open',
      },
      warnings: [],
    })
  })

  it('of a telephone company come together or not at all, and say what is missing', () => {
    const sid = { TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}` }
    const twilio = { ...sid, TWILIO_AUTH_TOKEN: 'a-token-of-twilio' }
    assert.equal(
      problemOf(sid),
      'TWILIO_ACCOUNT_SID is set, but TWILIO_AUTH_TOKEN is not. Set both, or leave both out.',
    )
    assert.match(problemOf({ TWILIO_AUTH_TOKEN: 'a-token-of-twilio' }), /but TWILIO_ACCOUNT_SID is not/)
    assert.match(problemOf({ ...twilio, TWILIO_API_KEY: `SK${'0'.repeat(32)}` }), /but TWILIO_API_SECRET is not/)
    assert.match(problemOf({ ...twilio, PARLEY_CALL_DESTINATIONS: '+49' }), /needs PARLEY_PUBLIC_URL too/)
    assert.match(problemOf({ PARLEY_CALL_DESTINATIONS: '+49' }), /needs TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN too/)
    assert.match(problemOf({ ...twilio, TWILIO_ACCOUNT_SID: 'a-short-one' }), /must be AC and 32 hexadecimal digits/)
    assert.match(problemOf({ TELNYX_PUBLIC_KEY: 'short' }), /must be 44 characters of base64/)
    const all = { ...twilio, PARLEY_PUBLIC_URL: 'https://voice.example.com' }
    const { callDestinations } = read({ ...all, PARLEY_CALL_DESTINATIONS: '+49, +1 (212)' })
    assert.deepEqual(callDestinations, ['+49', '+1212'])
    for (const wrong of ['49', '+', '*', '+49,'])
      assert.match(problemOf({ ...all, PARLEY_CALL_DESTINATIONS: wrong }), /beginnings of phone numbers/)
    assert.ok(!problemOf({ ...sid, TWILIO_AUTH_TOKEN: 'short-secret' }).includes('short-secret'))
  })

  it('of an S3 store come together or not at all', () => {
    const bucket = { PARLEY_S3_BUCKET: 'calls', PARLEY_S3_ACCESS_KEY_ID: 'key' }
    assert.throws(() => readConfig(bucket), /PARLEY_S3_BUCKET needs .* PARLEY_S3_SECRET_ACCESS_KEY too/)
    assert.equal(readConfig({ ...bucket, PARLEY_S3_SECRET_ACCESS_KEY: 'a-long-secret' }).config.s3Bucket, 'calls')
  })

  it('that are empty or blank count as not given', () => {
    assert.deepEqual(read({ PORT: '', HOST: '  ', DATABASE_URL: '' }), read({}))
  })

  it('are what the environment says', () => {
    const config = read({
      PORT: '0',
      LOG_LEVEL: 'DEBUG',
      DATABASE_URL: 'postgres://u:p@db/parley',
      PARLEY_SECRET_KEY: '00'.repeat(32),
      PARLEY_CORS_ORIGINS: 'https://a.example, http://localhost:3000',
      OPENAI_API_KEY: 'x',
      PARLEY_TOKEN_REUSE: 'allow',
    })
    assert.deepEqual(
      [config.port, config.logLevel, config.databaseUrl, config.openaiApiKey, config.tokenReuse],
      [0, 'debug', 'postgres://u:p@db/parley', 'x', 'allow'],
    )
    assert.deepEqual(config.corsOrigins, ['https://a.example', 'http://localhost:3000'])
    assert.deepEqual(config.secretKeys, [Buffer.alloc(32)])
    const base64 = Buffer.from(Array.from({ length: 32 }, (_, byte) => byte * 7)).toString('base64')
    assert.equal(Buffer.from(read({ PARLEY_SECRET_KEY: base64 }).secretKeys![0]).toString('base64'), base64)
    const several = read({ PARLEY_SECRET_KEY: `${base64}, ${'0'.repeat(64)}` }).secretKeys
    assert.deepEqual(several, [Buffer.from(base64, 'base64'), Buffer.alloc(32)], 'the newest is first')
    for (const wrong of [`${base64},`, `${base64},short`, ','])
      assert.throws(() => read({ PARLEY_SECRET_KEY: wrong }), /PARLEY_SECRET_KEY is not allowed/)
  })

  it('that are open on this machine close when others can reach the server', () => {
    for (const HOST of ['0.0.0.0', '::', '192.168.1.7', 'parley.example']) {
      const { console, privateUrls, metrics } = read({ HOST })
      assert.deepEqual([console, privateUrls, metrics], ['key', 'off', 'key'], HOST)
    }
    for (const HOST of ['localhost', '::1', '127.0.0.2']) assert.equal(read({ HOST }).console, 'keyless')
    assert.equal(read({ HOST: '0.0.0.0', PARLEY_ALLOW_PRIVATE_URLS: 'on' }).privateUrls, 'on')
  })
})

describe('a setting that is wrong', () => {
  const wrong: Record<string, readonly string[]> = {
    PORT: ['-1', '65536', '80a', '1.5', '0x50', '99999999999'],
    LOG_LEVEL: ['loud'],
    DATABASE_URL: ['mysql://db', 'db.example', 'postgres'],
    PARLEY_API_KEY: ['short', 'fifteen-letters', 'long enough but with spaces'],
    PARLEY_SECRET_KEY: ['00', 'g'.repeat(64), 'A'.repeat(42), 'A'.repeat(45)],
    OPENAI_BASE_URL: ['localhost:11434', 'ftp://models'],
    PARLEY_MAX_SESSIONS: ['0', 'many'],
    PARLEY_SESSION_CAP_SECONDS: ['59', '10801'],
    PARLEY_CORS_ORIGINS: ['example.com', 'https://a.example/', 'https://a.example,,', 'https://a.example/path'],
    PARLEY_STRICT_COMPAT: ['maybe'],
    PARLEY_CONSOLE: ['open'],
  }
  for (const [name, values] of Object.entries(wrong))
    it(`stops the start with its name and what is allowed: ${name}`, () => {
      for (const value of values)
        assert.match(problemOf({ [name]: value }), new RegExp(`^${name} .*not allowed\\. It must be .+\\.$`), value)
    })

  it('is told of together with all others', () => {
    assert.deepEqual(problemOf({ PORT: 'x', LOG_LEVEL: 'y' }).split('\n'), [
      'PORT is "x", which is not allowed. It must be a whole number from 0 to 65535.',
      'LOG_LEVEL is "y", which is not allowed. It must be one of trace, debug, info, warn, error, fatal, silent.',
    ])
  })

  it('is not repeated when it is a secret', () => {
    for (const { name, secret } of Object.values(settings))
      if (secret && name !== 'OPENAI_API_KEY')
        assert.doesNotMatch(problemOf({ [name]: 'hunter2 \t hunter2' }), /hunter2|^$/, name)
  })

  it('cannot open the page without a key to other machines', () => {
    assert.match(
      problemOf({ HOST: '0.0.0.0', PARLEY_CONSOLE: 'keyless' }),
      /^PARLEY_CONSOLE cannot be keyless while HOST is 0\.0\.0\.0/,
    )
  })
})

describe('a warning', () => {
  it('names the setting that a misspelt one comes nearest to', () => {
    assert.deepEqual(readConfig({ PARLEY_MAX_SESSION: '5', PARLEY_APIKEY: 'x', PATH: '/bin' }).warnings, [
      'PARLEY_MAX_SESSION is no setting of Parley and has no effect. Did you mean PARLEY_MAX_SESSIONS?',
      'PARLEY_APIKEY is no setting of Parley and has no effect. Did you mean PARLEY_API_KEY?',
    ])
  })

  it('is given for a key that is easy to guess, without repeating it', () => {
    for (const key of ['sixteen-letters!', 'a'.repeat(40)]) {
      const { warnings } = readConfig({ PARLEY_API_KEY: key })
      assert.match(warnings.join(), /^PARLEY_API_KEY is easy to guess/)
      assert.ok(!warnings.join().includes(key))
    }
    assert.deepEqual(readConfig({ PARLEY_API_KEY: '3f1c9a5be07d428896fa1d2c' }).warnings, [])
  })
})

describe('an address of this machine', () => {
  it('is told from those that only look like one', () => {
    for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '127.255.0.1', '::1', '[::1]'])
      assert.equal(isLoopback(host), true, host)
    for (const host of [
      'localhost.example',
      '127.0.0.1.example',
      '128.0.0.1',
      '::',
      '0.0.0.0',
      '',
      '1',
      '127.1',
      'xlocalhost',
    ])
      assert.equal(isLoopback(host), false, host)
  })
})

describe('the description of the settings', () => {
  it('is current on its page', () => {
    const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')
    assert.equal(page, configurationPage(), 'docs/configuration.md is out of date. Run node scripts/generate-docs.mjs')
  })

  it('says of each what it is, what it may be and what it is without, on the page and in the help', () => {
    for (const text of [configurationPage(), configurationHelp().replaceAll(/\n\s+/g, ' ')])
      for (const setting of Object.values(settings)) {
        const section = text.slice(text.search(new RegExp(`${setting.name}\\b(?=\`?\\s)`)))
        assert.ok(section.replaceAll('`', '').includes(setting.allowed), setting.name)
        assert.ok(section.replaceAll('`', '').includes(setting.shownDefault.replaceAll('`', '')), setting.name)
      }
  })

  it('fits a terminal', () => {
    for (const line of configurationHelp().split('\n')) assert.ok(line.length <= 100, line)
  })
})
