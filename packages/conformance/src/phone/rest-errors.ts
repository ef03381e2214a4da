// Errors of the REST side in Twilio's form, with its codes (twilio.com/docs/api/errors).

export class RestError extends Error {
  override readonly name = 'RestError'

  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
  ) {
    super(message)
  }

  get body(): { readonly code: number; readonly message: string; readonly more_info: string; readonly status: number } {
    const { code, message, status } = this
    return { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }
  }
}

export const unauthorized = (): RestError => new RestError(401, 20003, 'Authenticate')
export const notFound = (path: string): RestError =>
  new RestError(404, 20404, `The requested resource ${path} was not found`)
export const noTo = (): RestError => new RestError(400, 21201, "No 'To' number is specified")
export const noFrom = (): RestError => new RestError(400, 21213, "No 'From' number is specified")
export const invalidTo = (to: string): RestError =>
  new RestError(400, 21211, `The phone number you are attempting to call, ${to}, is not valid.`)
export const notYours = (from: string): RestError =>
  new RestError(
    400,
    21210,
    `The source phone number provided, ${from}, is not yet verified for your account. You may only make calls from phone numbers that you've verified or purchased from Twilio.`,
  )
export const invalidUrl = (name: string, url: string): RestError =>
  new RestError(400, 21205, `${name} is not a valid URL: ${url}`)
export const notInProgress = (): RestError => new RestError(400, 21220, 'Call is not in-progress. Cannot redirect.')
export const notSimulated = (what: string): RestError =>
  new RestError(400, 20001, `This simulation does not carry out ${what}.`)
export const required = (what: string): RestError => new RestError(400, 21205, `${what} is required.`)
