// Every limit of the wire, by name: the number, its unit and what it bounds.

const rows = {
  frameBytes: [1_048_576, 'bytes', 'Largest WebSocket message; a larger one closes the socket with 1009.'],
  framesPerSecond: [1000, 'frames', 'Most messages that a client should send in a second.'],
  jsonDepth: [
    64,
    'levels',
    'Deepest nesting of a JSON value that is passed on as it is, such as the `parameters` of a tool.',
  ],
  keyterms: [100, 'entries', 'Longest `input.keyterms`.'],
  keytermCharacters: [
    50,
    'characters',
    'Longest key term that the recogniser uses; longer ones are accepted and ignored.',
  ],
  transcriptionPromptCharacters: [1750, 'characters', 'Longest `input.transcription_prompt`.'],
  languageCodes: [32, 'entries', 'Longest `input.language_codes`.'],
  interruptionDelayMs: [1000, 'ms', 'Longest `input.turn_detection.interruption_delay`.'],
  silenceMs: [60_000, 'ms', 'Longest `min_silence` and `max_silence` of `input.turn_detection`.'],
  problemsPerUpdate: [32, 'errors', 'Most errors that one `session.update` is answered with.'],
  volume: [100, 'percent', 'Largest `output.volume`; the least is 0.'],
  tools: [128, 'entries', 'Most tools of one agent. Models choose best among about ten.'],
  toolNameCharacters: [256, 'characters', 'Longest name of a tool.'],
  toolTimeoutSeconds: [300, 's', 'Longest `timeout_seconds` of a tool; the least is 1.'],
  toolResponseBytes: [8192, 'bytes', 'Most of the response of a tool of the server that the model is given.'],
  responseInstructionsCharacters: [
    500,
    'characters',
    'Longest `response_instructions.success` and `.error` of a tool.',
  ],
  llmEntries: [1, 'entry', 'Most models of one agent.'],
  preConnectRequests: [2, 'entries', 'Most pre-connect requests of one agent.'],
  preConnectTimeoutMs: [
    800,
    'ms',
    'Longest time a pre-connect request is waited for; its own `timeout_ms` can only lower it.',
  ],
  preConnectResponseBytes: [8192, 'bytes', 'Longest response to a pre-connect request; a longer one is a failure.'],
  transferTargets: [100, 'entries', 'Most transfer targets of one agent.'],
  transferNameCharacters: [256, 'characters', 'Longest name of a transfer target.'],
  transferDescriptionCharacters: [1000, 'characters', 'Longest description of a transfer target.'],
  ringTimeoutSeconds: [600, 's', 'Longest `ring_timeout_seconds` of a transfer target; the least is 1.'],
  keypadArguments: [20, 'entries', 'Most arguments of one tool that callers enter on the keypad.'],
  keypadDigits: [64, 'digits', 'Longest entry on the keypad; the least is 1.'],
  keypadTimeoutSeconds: [300, 's', 'Longest time a key is waited for; the least is 1.'],
  keypadPromptCharacters: [2000, 'characters', 'Longest `prompt` of an argument that callers enter on the keypad.'],
  machineMessageCharacters: [2000, 'characters', 'Longest message left on an answering machine.'],
  httpHeaders: [50, 'entries', 'Most headers of one tool or pre-connect request.'],
  mcpServers: [8, 'entries', 'Most servers of the Model Context Protocol of one agent.'],
  urlCharacters: [2048, 'characters', 'Longest URL of a tool, a model or a webhook.'],
  webhookSecretMinCharacters: [32, 'characters', 'Shortest secret of a webhook.'],
  webhookSecretMaxCharacters: [256, 'characters', 'Longest secret of a webhook.'],
  agentNameCharacters: [256, 'characters', 'Longest name of an agent.'],
  tokenSeconds: [600, 's', 'Longest time within which a token may be redeemed; the least is 1.'],
  sessionMinSeconds: [60, 's', 'Least cap on the length of a session that a token can carry.'],
  sessionMaxSeconds: [10_800, 's', 'Longest session, and the largest cap that a token can carry.'],
  resumeSeconds: [30, 's', 'How long a session outlives its lost connection and can be resumed.'],
  firstMessageAnswerMs: [5000, 'ms', 'Longest time the server takes to answer the first message.'],
  pageSize: [200, 'entries', 'Largest `limit` of a list; the least is 1.'],
  defaultPageSize: [50, 'entries', 'The `limit` of a list when none is given.'],
} as const satisfies Record<string, readonly [value: number, unit: string, description: string]>

export type LimitName = keyof typeof rows

/** The limits as numbers, in the unit that the name says. */
export const limits = Object.fromEntries(Object.entries(rows).map(([name, [value]]) => [name, value])) as {
  // true because it is built from the very rows whose types it names
  readonly [Name in LimitName]: (typeof rows)[Name][0]
}

/** The same limits for the documents, in the order in which they are declared. */
export const limitRows: readonly { name: string; value: number; unit: string; description: string }[] = Object.entries(
  rows,
).map(([name, [value, unit, description]]) => ({ name, value, unit, description }))
