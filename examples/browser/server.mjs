// The server of a web page with a voice: gives out the page, and a token for each conversation. The key stays here.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname } from 'node:path'

const { PARLEY_URL = 'http://127.0.0.1:8080', PARLEY_API_KEY = '', PARLEY_AGENT_ID, PORT = '3000' } = process.env

const types = { '.html': 'text/html', '.js': 'text/javascript' }
const pages = new Map([
  ['/', new URL('index.html', import.meta.url)],
  ['/page.js', new URL('page.js', import.meta.url)],
])
const client = new URL('.', import.meta.resolve('@parley/client'))

/** What the page needs for one conversation. The token opens one session and is void after a minute. */
async function invitation() {
  const authorization = `Bearer ${PARLEY_API_KEY}`
  const answer = await fetch(`${PARLEY_URL}/v1/tokens`, { method: 'POST', headers: { authorization } })
  if (!answer.ok) throw new Error(`Parley answered ${answer.status}. Is PARLEY_API_KEY right?`)
  const { token } = await answer.json()
  return { url: PARLEY_URL, token, agentId: PARLEY_AGENT_ID }
}

/** The page's own files, and the client's modules under /client/. */
function fileOf(path) {
  const module = /^\/client\/((worklets\/)?[\w-]+\.js)$/.exec(path)
  return module ? new URL(module[1], client) : pages.get(path)
}

const server = createServer(async ({ method, url }, response) => {
  try {
    if (method === 'POST' && url === '/token') return response.end(JSON.stringify(await invitation()))
    const file = fileOf(url)
    if (!file) return response.writeHead(404).end()
    const content = await readFile(file)
    response.setHeader('content-type', `${types[extname(file.pathname)]}; charset=utf-8`)
    response.end(content)
  } catch (error) {
    console.error(error.message)
    response.writeHead(502).end()
  }
})
// Guard `POST /token` as you guard the rest of your site: whoever may call it may talk at your expense.
server.listen(Number(PORT), '127.0.0.1', () => console.log(`Open http://localhost:${server.address().port}`))
