// `/Accounts/{sid}.json`: the account itself, which is asked for to see whether credentials are accepted.
import type { Resource } from './rest.js'
import { rfc2822 } from './status.js'

export const accountResource = (accountSid: string, createdAt: number): Resource => ({
  method: 'GET',
  path: /^$/,
  answer: () => ({
    status: 200,
    body: {
      sid: accountSid,
      friendly_name: 'Simulated',
      status: 'active',
      type: 'Full',
      owner_account_sid: accountSid,
      auth_token: '',
      date_created: rfc2822(createdAt),
      date_updated: rfc2822(createdAt),
      subresource_uris: {},
      uri: `/2010-04-01/Accounts/${accountSid}.json`,
    },
  }),
})
