// Talk to a Parley agent from a browser or from Node.
export { decodeBase64, encodeBase64 } from './base64.js'
export * from './errors.js'
export * from './rest.js'
export type { RestOptions } from './rest-request.js'
export type * from './rest-types.js'
export * from './session.js'
export type { Credential, Socket, SocketConstructor, SocketOptions } from './socket.js'
