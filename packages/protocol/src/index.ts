// What goes over the wire: what the other packages may see.
export * from './audio.js'
export * from './client-events.js'
export * from './config.js'
export * from './errors.js'
export * from './server-events.js'
export * from './tools.js'
