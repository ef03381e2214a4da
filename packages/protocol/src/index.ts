// What goes over the wire: what the other packages may see.
export * from './agent.js'
export * from './agent-check.js'
export * from './audio.js'
export * from './calls.js'
export * from './client-events.js'
export * from './config.js'
export * from './defaults.js'
export * from './errors.js'
export * from './extensions.js'
export * from './http.js'
export * from './ids.js'
export * from './keys.js'
export * from './limits.js'
export * from './paging.js'
export * from './parse.js'
export * from './phone.js'
export * from './pre-connect.js'
export * from './rest.js'
export * from './rest-errors.js'
export * from './rest-sessions.js'
export * from './routes.js'
export * from './server-events.js'
export { checkSession, type Known, modelsOf } from './session-check.js'
export * from './tools.js'
export { urlsOf } from './urls.js'
export {
  bareValidationError,
  bodyError,
  type Checked,
  type FieldError,
  invalidKey,
  missingHeader,
  validationError,
} from './validation.js'
export * from './voices.js'
export * from './webhooks.js'
