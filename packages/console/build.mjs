// Builds the page into dist/: scripts, worklets and styles as files of their own, so that a strict content security
// policy holds. Does nothing when nothing it reads has changed. Run `tsc -b` first: the client is taken compiled.
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { build, version } from 'esbuild'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const preact = createRequire(import.meta.url)('preact/package.json').version
const stamp = at('dist/.stamp')
const client = at('../client/dist')
const pages = ['index.html', 'favicon.svg']

const inputs = [at('build.mjs'), ...files(at('src')), ...files(client).filter((file) => file.endsWith('.js'))]
const wanted = inputs
  .reduce((hash, file) => hash.update(file).update(readFileSync(file)), createHash('sha256'))
  .update(`esbuild ${version}, preact ${preact}`)
  .digest('hex')

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  rmSync(at('dist'), { recursive: true, force: true })
  await build({
    entryPoints: {
      console: at('src/main.tsx'),
      styles: at('src/styles/index.css'),
      // The client looks for its worklets beside the script that it is part of.
      'worklets/capture': `${client}/worklets/capture.js`,
      'worklets/playback': `${client}/worklets/playback.js`,
    },
    outdir: at('dist'),
    bundle: true,
    minify: true,
    sourcemap: true,
    format: 'esm',
    target: ['chrome109', 'firefox115', 'safari16'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'warning',
  })
  for (const page of pages) copyFileSync(at(`src/${page}`), at(`dist/${page}`))
  writeFileSync(stamp, wanted)
}

function files(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath ?? entry.path}/${entry.name}`)
    .sort()
}
