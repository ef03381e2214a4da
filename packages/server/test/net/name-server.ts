// A name server on the loopback that answers as a test tells it to.
import { createSocket } from 'node:dgram'
import { decode, encode } from 'dns-packet'

export interface NameServer {
  /** With its port, as a resolver takes it. */
  readonly address: string
  /** The names that were asked for, with the kind of address. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

/** `answer`: the IPv4 addresses for the question number `count`, counted by name; none: there is no such name. */
export async function nameServer(answer: (name: string, count: number) => readonly string[]): Promise<NameServer> {
  const socket = createSocket('udp4')
  const asked: string[] = []
  const counts = new Map<string, number>()
  socket.on('message', (message, { port, address }) => {
    const query = decode(message)
    const [question] = query.questions ?? []
    if (!question) return
    asked.push(`${question.type} ${question.name}`)
    const count = counts.get(question.name) ?? 0
    if (question.type === 'A') counts.set(question.name, count + 1)
    const found = answer(question.name, count)
    socket.send(
      encode({
        type: 'response',
        id: query.id ?? 0,
        flags: 0x0180 | (found.length === 0 ? 3 : 0),
        questions: [question],
        answers:
          question.type === 'A' ? found.map((data) => ({ type: 'A' as const, name: question.name, ttl: 0, data })) : [],
      }),
      port,
      address,
    )
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}
