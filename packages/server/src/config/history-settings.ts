// The settings of what is kept of sessions, and where.
import { choice, optionalText, optionalUrl, secretText, text, wholeNumber } from './setting.js'

export const historySettings = {
  recordings: choice({
    name: 'PARLEY_RECORDINGS',
    choices: ['on', 'text', 'off'],
    default: 'on',
    description:
      'What is kept of sessions: `on`, their sound and their words; `text`, their words alone; `off`, only when they were. An agent may ask for less. `docs/history.md` tells what is kept where.',
  }),
  retentionDays: wholeNumber({
    name: 'PARLEY_RETENTION_DAYS',
    default: 30,
    least: 0,
    most: 3650,
    unit: 'days',
    description:
      'After how many days a finished session is deleted, with everything that is kept of it. `0`: never. An agent may have its own.',
  }),
  publicUrl: optionalUrl({
    name: 'PARLEY_PUBLIC_URL',
    protocols: ['http:', 'https:'],
    example: 'https://voice.example.com',
    description:
      'The address of this server as its users know it, for links that it gives out. Without it, a link begins with the address that the request was sent to; behind a proxy that ends TLS, set it.',
  }),
  s3Bucket: optionalText({
    name: 'PARLEY_S3_BUCKET',
    description:
      'The bucket of an S3-compatible store for what is kept of sessions; without it, the data folder. Needs both keys below.',
  }),
  s3Endpoint: optionalUrl({
    name: 'PARLEY_S3_ENDPOINT',
    protocols: ['http:', 'https:'],
    example: 'https://s3.eu-central-1.amazonaws.com',
    description: 'Where that store answers. Without it, Amazon S3 in the region below.',
  }),
  s3Region: text({ name: 'PARLEY_S3_REGION', default: 'us-east-1', description: 'The region of that store.' }),
  s3AccessKeyId: secretText({
    name: 'PARLEY_S3_ACCESS_KEY_ID',
    least: 3,
    description: 'The id of a key that may write, read and delete there.',
  }),
  s3SecretAccessKey: secretText({ name: 'PARLEY_S3_SECRET_ACCESS_KEY', least: 8, description: 'That key.' }),
  s3Prefix: text({
    name: 'PARLEY_S3_PREFIX',
    default: 'parley/sessions',
    description: 'What the names of the objects there begin with.',
  }),
  s3PathStyle: choice({
    name: 'PARLEY_S3_PATH_STYLE',
    choices: ['on', 'off'],
    default: 'on',
    description:
      'Whether the bucket stands in the path of an address (`on`, which most stores take) or in its host name.',
  }),
} as const

/** What is wrong with them together; each a sentence. */
export const historyProblems = (read: {
  readonly s3Bucket: string | undefined
  readonly s3AccessKeyId: string | undefined
  readonly s3SecretAccessKey: string | undefined
}): readonly string[] =>
  read.s3Bucket !== undefined && (read.s3AccessKeyId === undefined || read.s3SecretAccessKey === undefined)
    ? ['PARLEY_S3_BUCKET needs PARLEY_S3_ACCESS_KEY_ID and PARLEY_S3_SECRET_ACCESS_KEY too. Set them, or leave it out.']
    : []
