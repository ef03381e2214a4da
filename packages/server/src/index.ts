// Parley's server: what a program that embeds it may use.
export * from './engines/engine.js'
