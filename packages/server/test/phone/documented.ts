// Messages of carriers as their documentation shows them, in the form in which they come over the socket.

export const twilio = {
  connected: '{"event":"connected","protocol":"Call","version":"1.0.0"}',
  start: (parameters: Readonly<Record<string, string>> = {}, callSid = 'CA00000000000000000000000000000001') =>
    JSON.stringify({
      event: 'start',
      sequenceNumber: '1',
      start: {
        accountSid: 'AC00000000000000000000000000000001',
        streamSid: 'MZ00000000000000000000000000000001',
        callSid,
        tracks: ['inbound'],
        mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
        customParameters: parameters,
      },
      streamSid: 'MZ00000000000000000000000000000001',
    }),
  media: (payload: string, timestamp: number, chunk = 1) =>
    JSON.stringify({
      event: 'media',
      sequenceNumber: String(chunk + 1),
      media: { track: 'inbound', chunk: String(chunk), timestamp: String(timestamp), payload },
      streamSid: 'MZ00000000000000000000000000000001',
    }),
  dtmf: (digit: string) =>
    JSON.stringify({
      event: 'dtmf',
      streamSid: 'MZ00000000000000000000000000000001',
      sequenceNumber: '5',
      dtmf: { track: 'inbound_track', digit },
    }),
  mark: (name: string) =>
    JSON.stringify({
      event: 'mark',
      sequenceNumber: '4',
      streamSid: 'MZ00000000000000000000000000000001',
      mark: { name },
    }),
  stop: JSON.stringify({
    event: 'stop',
    sequenceNumber: '5',
    streamSid: 'MZ00000000000000000000000000000001',
    stop: { accountSid: 'AC00000000000000000000000000000001', callSid: 'CA00000000000000000000000000000001' },
  }),
} as const

const streamId = '32DE0DEA-53CB-4B21-89A4-9E1819C043BC'

export const telnyx = {
  connected: '{"event":"connected","version":"1.0.0"}',
  start: (parameters: Readonly<Record<string, string>> = {}, callControlId = 'v3:one', encoding = 'PCMU') =>
    JSON.stringify({
      event: 'start',
      sequence_number: '1',
      start: {
        user_id: '3E6F995F-85F7-4705-9741-53B116D28237',
        call_control_id: callControlId,
        call_session_id: 'ff55a038-6f5d-11ef-9692-02420aeffb1f',
        from: '+15550100',
        to: '+15550101',
        tags: ['TAG1', 'TAG2'],
        client_state: 'aGF2ZSBhIG5pY2UgZGF5ID1d',
        custom_parameters: parameters,
        media_format: { encoding, sample_rate: 8000, channels: 1 },
      },
      stream_id: streamId,
    }),
  media: (payload: string, timestamp: number, chunk = 1) =>
    JSON.stringify({
      event: 'media',
      sequence_number: String(chunk + 3),
      media: { track: 'inbound', chunk: String(chunk), timestamp: String(timestamp), payload },
      stream_id: streamId,
    }),
  dtmf: (digit: string) =>
    JSON.stringify({
      event: 'dtmf',
      stream_id: streamId,
      occurred_at: '2025-06-05T08:54:19.698408Z',
      sequence_number: '5',
      dtmf: { digit },
    }),
  mark: (name: string) => JSON.stringify({ event: 'mark', stream_id: streamId, sequence_number: '5', mark: { name } }),
  error: JSON.stringify({
    event: 'error',
    payload: { code: 100005, title: 'rate_limit_reached', detail: 'Too many requests' },
    stream_id: streamId,
  }),
  stop: JSON.stringify({
    event: 'stop',
    sequence_number: '5',
    stop: { user_id: '3E6F995F-85F7-4705-9741-53B116D28237', call_control_id: 'v3:one' },
    stream_id: streamId,
  }),
} as const
