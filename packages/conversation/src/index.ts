// Who speaks when: what the other packages may see.
export * from './model.js'
