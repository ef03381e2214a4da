// What every document says of the interface itself.

export const title = 'Parley'
export const version = '1.0.0'
export const license = { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' }
/** Where the server listens when nothing else is set. */
export const defaultHost = '127.0.0.1:8080'
