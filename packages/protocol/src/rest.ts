// What goes into each route of the REST interface and what comes out of it.
import { z } from 'zod'
import { AgentCreate, AgentRecord, AgentSummary, AgentUpdate } from './agent.js'
import {
  CallCreate,
  CallList,
  CallQuery,
  CallRecord,
  PhoneNumberAssignment,
  PhoneNumberList,
  PhoneNumberRecord,
} from './calls.js'
import { AccountCreate, AccountList, AccountRecord, CreatedKey, KeyCreate, KeyList } from './keys.js'
import { limits } from './limits.js'
import { inQuery, NextPage, PageQuery } from './paging.js'
import { restErrorCodes } from './rest-errors.js'
import { SessionList, SessionQuery, SessionRecord } from './rest-sessions.js'
import type { SchemaName } from './routes.js'
import { type Checked, checkBody, checkQuery } from './validation.js'
import {
  WebhookDeliveryList,
  WebhookDeliveryRecord,
  WebhookSubscriptionCreate,
  WebhookSubscriptionList,
  WebhookSubscriptionQuery,
  WebhookSubscriptionRecord,
  WebhookSubscriptionUpdate,
} from './webhooks.js'

const seconds = (least: number, most: number) => z.number().int().min(least).max(most)

export const AgentList = z
  .object({
    agents: z.array(AgentSummary).describe('The agents, newest first.'),
    ...NextPage,
  })
  .describe('A page of stored agents.')
export type AgentList = z.infer<typeof AgentList>

export const TokenQuery = z
  .object({
    expires_in_seconds: inQuery(seconds(1, limits.tokenSeconds)).describe(
      `Within how many seconds a session must be opened with the token, 1 to ${limits.tokenSeconds}. Does not limit the session.`,
    ),
    max_session_duration_seconds: inQuery(
      seconds(limits.sessionMinSeconds, limits.sessionMaxSeconds).default(limits.sessionMaxSeconds),
    ).describe(`After how many seconds the session ends, ${limits.sessionMinSeconds} to ${limits.sessionMaxSeconds}.`),
  })
  .describe('What the token allows.')
export type TokenQuery = z.infer<typeof TokenQuery>

export const QueriedToken = z
  .object({
    token: z.string().describe('The token: an opaque text, good for one session.'),
    expires_in_seconds: z.number().int().describe('Within how many seconds a session must be opened with it.'),
  })
  .describe('A token.')
export type QueriedToken = z.infer<typeof QueriedToken>

export const TokenBody = z
  .object({
    expires_in_seconds: seconds(1, limits.tokenSeconds)
      .default(60)
      .describe(`Within how many seconds a session must be opened with the token, 1 to ${limits.tokenSeconds}.`),
  })
  .describe('What the token allows.')
export type TokenBody = z.infer<typeof TokenBody>

export const CreatedToken = z
  .object({
    token: z.string().describe('The token: an opaque text, good for one session.'),
    expires_at: z.iso.datetime().describe('Until when a session must be opened with it, UTC.'),
  })
  .describe('A token.')
export type CreatedToken = z.infer<typeof CreatedToken>

export const VoiceRecord = z
  .object({
    voice_id: z.string().describe('Name of the voice, for `voice` and `output.voice`.'),
    language: z.string().describe('Language that it speaks best, such as `en-US`.'),
    accent: z.string().describe('Language and accent in words.'),
    sample_text: z.string().describe('A sentence to try the voice with, in its language.'),
  })
  .describe('A voice.')
export type VoiceRecord = z.infer<typeof VoiceRecord>

export const VoiceList = z
  .object({ voices: z.array(VoiceRecord).describe('The voices.') })
  .describe('The voices that there are.')
export type VoiceList = z.infer<typeof VoiceList>

export const Health = z.object({ status: z.literal('ok').describe('Always `ok`.') }).describe('The server is alive.')
export type Health = z.infer<typeof Health>

export const Readiness = z
  .object({
    ready: z.boolean().describe('Whether every engine has loaded.'),
    engines: z
      .array(
        z
          .object({
            kind: z.enum(['vad', 'stt', 'turn', 'llm', 'tts']).describe('What the engine does.'),
            name: z.string().describe('Which engine it is.'),
            ready: z.boolean().describe('Whether it has loaded.'),
            description: z.string().describe('What it is, in a sentence; why it failed, when it did.'),
          })
          .describe('An engine.'),
      )
      .describe('The engines in use.'),
  })
  .describe('Whether sessions can be served.')
export type Readiness = z.infer<typeof Readiness>

/** The form of every error except those of `GET /v1/token`; `ErrorEnvelope` is its type. */
export const RestError = z
  .object({
    code: z.enum(restErrorCodes).describe('What went wrong; see the list of errors.'),
    message: z.string().describe('The same as a sentence, with the parameter in front.'),
    param: z.string().nullable().describe('Dotted path of the first field that is wrong.'),
    request_id: z.string().describe('The request, as in the `X-Request-Id` header and in the log.'),
    errors: z
      .array(
        z
          .object({
            message: z.string().describe('What is wrong.'),
            param: z.string().nullable().describe('Dotted path of the field; null: the body as a whole.'),
          })
          .describe('One thing that is wrong.'),
      )
      .nullable()
      .describe('Everything that is wrong, for `validation_error`; else null.'),
    detail: z
      .union([z.string(), z.array(z.record(z.string(), z.unknown()))])
      .describe('The same in an older form. Deprecated.'),
  })
  .describe('An error.')

/** Schemas by the names that `routes.ts` uses. */
export const restSchemas = {
  AccountCreate,
  AccountList,
  AccountRecord,
  AgentCreate,
  AgentList,
  AgentRecord,
  AgentUpdate,
  CallCreate,
  CallList,
  CallQuery,
  CallRecord,
  CreatedKey,
  CreatedToken,
  Health,
  KeyCreate,
  KeyList,
  PageQuery,
  PhoneNumberAssignment,
  PhoneNumberList,
  PhoneNumberRecord,
  QueriedToken,
  Readiness,
  SessionList,
  SessionQuery,
  SessionRecord,
  TokenBody,
  TokenQuery,
  VoiceList,
  WebhookDeliveryList,
  WebhookDeliveryRecord,
  WebhookSubscriptionCreate,
  WebhookSubscriptionList,
  WebhookSubscriptionQuery,
  WebhookSubscriptionRecord,
  WebhookSubscriptionUpdate,
} as const satisfies Record<SchemaName, z.ZodType>

type Query = Readonly<Record<string, unknown>>

/** Checks the query of `GET /v1/token`; its errors go into `bareValidationError` (checklist 13-18). */
export const checkTokenQuery = (query: Query): Checked<TokenQuery> => checkQuery(TokenQuery, query)

/** Checks the body of `POST /v1/tokens`, which may be left out (checklist 25). */
export const checkTokenBody = (body: unknown): Checked<TokenBody> => checkBody(TokenBody, body ?? {})

/** Checks the query of a list: `limit` and `cursor`. */
export const checkPageQuery = (query: Query): Checked<PageQuery> => checkQuery(PageQuery, query)

/** Checks the query of the list of sessions (checklist 161). */
export const checkSessionQuery = (query: Query): Checked<SessionQuery> => checkQuery(SessionQuery, query)

/** Checks the body of `POST /v1/keys`. */
export const checkKeyCreate = (body: unknown): Checked<KeyCreate> => checkBody(KeyCreate, body)

/** Checks the body of `POST /v1/accounts`. */
export const checkAccountCreate = (body: unknown): Checked<AccountCreate> => checkBody(AccountCreate, body)

/** Checks the body of `POST /v1/calls`. */
export const checkCallCreate = (body: unknown): Checked<CallCreate> => checkBody(CallCreate, body)

/** Checks the query of the list of calls. */
export const checkCallQuery = (query: Query): Checked<CallQuery> => checkQuery(CallQuery, query)

/** Checks the body of `PUT /v1/phone-numbers/{number}/agent`. */
export const checkPhoneNumberAssignment = (body: unknown): Checked<PhoneNumberAssignment> =>
  checkBody(PhoneNumberAssignment, body)
