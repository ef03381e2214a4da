// A request that the server makes on behalf of an agent: for a tool, or before a call is answered.
import { z } from 'zod'
import { limits } from './limits.js'
import { list, webUrl } from './schema-kit.js'

export const httpMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** A header as it is stored by the client: `value` sets it, no value keeps the stored one, `remove` deletes it (checklist 152, 153). */
export const HttpHeaderInput = z
  .object({
    name: z
      .string()
      .max(128)
      .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, { error: 'must be the name of an HTTP header' })
      .describe('Name of the header.'),
    value: z
      .string()
      .max(8192)
      .regex(/^[\t\x20-\x7e\x80-\u00ff]*$/, { error: 'must not hold line breaks or control characters' })
      .nullish()
      .describe('New value, kept secret and never returned. Without it the stored value stays.'),
    remove: z.boolean().nullish().describe('`true` deletes the stored header.'),
  })
  .refine((header) => !(header.remove && header.value != null), {
    path: ['remove'],
    error: 'must not be true when a value is given',
  })
  .transform(({ name, value, remove }) =>
    remove ? { name, remove: true as const } : value == null ? { name } : { name, value },
  )
  .describe('A header that is sent with the request.')
export type HttpHeaderInput = z.infer<typeof HttpHeaderInput>

export const HttpRequestInput = z
  .object({
    url: webUrl().describe(
      'Where the request goes: https, and a host that the public internet knows unless the server allows others.',
    ),
    http_method: z.enum(httpMethods).nullish().describe('Method of the request. Default `POST`.'),
    headers: list(HttpHeaderInput, limits.httpHeaders).nullish().describe('Headers; their values are write-only.'),
  })
  .transform(({ url, http_method, headers }) => ({ url, http_method: http_method ?? 'POST', headers: headers ?? [] }))
  .describe('A request that the server makes.')
export type HttpRequestInput = z.infer<typeof HttpRequestInput>

/** A stored header, without its value. */
export const HttpHeaderRecord = z
  .object({
    name: z.string().describe('Name of the header.'),
    last_set_at: z.string().nullable().describe('When its value was set, as a date and time without zone (UTC).'),
  })
  .describe('A stored header, without its value.')
export type HttpHeaderRecord = z.infer<typeof HttpHeaderRecord>

export const HttpRequestRecord = z
  .object({
    url: z.string().describe('Where the request goes.'),
    http_method: z.enum(httpMethods).describe('Method of the request.'),
    headers: z.array(HttpHeaderRecord).describe('The stored headers, without their values.'),
  })
  .describe('A request that the server makes, as it is returned.')
export type HttpRequestRecord = z.infer<typeof HttpRequestRecord>

/** The request of a tool as a session is shown it (protocol section 3.3; checklist 141): nothing of its headers. */
export const HttpRequestEcho = z
  .object({
    url: z.string().describe('Where the request goes.'),
    method: z.enum(httpMethods).describe('Method of the request.'),
    headers_ciphertext: z.literal('').describe('Always empty: headers are not shown in any form.'),
    headers_encrypted_data_key: z.literal('').describe('Always empty.'),
    headers_kms_key_id: z.literal('').describe('Always empty.'),
  })
  .describe('The request that the server makes itself, without its headers.')
export type HttpRequestEcho = z.infer<typeof HttpRequestEcho>

export const echoedRequest = ({
  url,
  http_method,
}: Pick<HttpRequestRecord, 'url' | 'http_method'>): HttpRequestEcho => ({
  url,
  method: http_method,
  headers_ciphertext: '',
  headers_encrypted_data_key: '',
  headers_kms_key_id: '',
})
