// A real server of the Model Context Protocol on the loopback, made with the protocol's own library.
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'

export interface TestMcpServer {
  readonly url: string
  /** Method, and the method of the message in it, of each request; with its headers. */
  readonly requests: { readonly what: string; readonly headers: IncomingMessage['headers'] }[]
  /** Sessions that were opened and not closed. */
  readonly sessions: () => number
  /** Forgets every session, as a server does that is started again. */
  restart(): void
  /** What the next request is answered with in place of what it asks for. */
  answerNext(respond: (response: ServerResponse) => void): void
  close(): Promise<void>
}

/** `build` gives the server its tools. */
export async function testMcpServer(build: (server: McpServer) => void): Promise<TestMcpServer> {
  const requests: TestMcpServer['requests'] = []
  const transports = new Map<string, StreamableHTTPServerTransport>()

  async function newTransport(): Promise<StreamableHTTPServerTransport> {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void transports.set(id, transport),
      onsessionclosed: (id) => void transports.delete(id),
    })
    const server = new McpServer({ name: 'test', version: '1' })
    build(server)
    // The library's transport declares optional members in another way than its own interface does.
    await server.connect(transport as Parameters<McpServer['connect']>[0])
    return transport
  }

  let unusual: ((response: ServerResponse) => void) | undefined
  const http = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : undefined
    requests.push({ what: `${request.method} ${body?.method ?? ''}`.trim(), headers: request.headers })
    const respond = unusual
    unusual = undefined
    if (respond) return respond(response)
    const known = transports.get(String(request.headers['mcp-session-id']))
    const transport = known ?? (await newTransport())
    await transport.handleRequest(request, response, body)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const address = http.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/mcp`,
    requests,
    sessions: () => transports.size,
    restart: () => transports.clear(),
    answerNext(respond) {
      unusual = respond
    },
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }
}
