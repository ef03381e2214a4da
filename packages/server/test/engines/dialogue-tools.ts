// Tools as people write them, for the tests of the dialogue rules.
import type { LlmTool } from '../../dist/engines/engine.js'

const tool = (
  name: string,
  description: string,
  properties: Record<string, unknown> = {},
  required: readonly string[] = Object.keys(properties),
): LlmTool => ({ name, description, parameters: { type: 'object', properties, required } })

export const weather = [
  tool(
    'get_weather',
    'Get the current weather in a city.',
    {
      city: { type: 'string', description: "The user's city, e.g. Paris" },
      unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
    },
    ['city'],
  ),
]

export const orders = [
  tool('get_order_status', 'Look up where an order is and when it arrives.', {
    order_id: { type: 'string', pattern: '^\\d{8}$', description: 'The 8-digit order number' },
  }),
  tool('cancelOrder', 'Cancel an order that has not been shipped yet.', {
    orderId: { type: 'string', pattern: '\\d{8}', description: 'The 8-digit order number' },
    reason: { type: 'string', description: 'Why the customer wants to cancel' },
  }),
  tool('end_call', 'Ends the call after the goodbye.'),
]

export const booking = [
  tool(
    'book_appointment',
    'Book an appointment at the practice.',
    {
      service: { type: 'string', enum: ['cleaning', 'check_up', 'filling'], description: 'Kind of treatment' },
      date: { type: 'string', format: 'date', description: 'Day of the appointment' },
      time: { type: 'string', description: 'Time of day as HH:MM' },
      patient_name: { type: 'string', description: 'Full name of the patient' },
      email: { type: 'string', format: 'email' },
    },
    ['service', 'date', 'time', 'patient_name'],
  ),
  tool('cancel_appointment', 'Cancel an appointment at the practice.', {
    patient_name: { type: 'string', description: 'Full name of the patient' },
  }),
  tool('transfer_call', 'Transfer the caller to a person at the front desk.'),
]

export const restaurant = [
  tool(
    'reserve_table',
    'Reserve a table.',
    {
      party_size: { type: 'integer', minimum: 1, maximum: 12, description: 'Number of guests' },
      when: { type: 'string', format: 'date-time', description: 'Date and time of the reservation' },
      outside: { type: 'boolean', description: 'Whether the guest wants to sit outside' },
    },
    ['party_size', 'when', 'outside'],
  ),
  tool('search_menu', 'Search the menu for a dish.', { query: { type: 'string', description: 'What to search for' } }),
  tool('send_receipt', 'Send the receipt by email.', {
    email: { type: 'string', format: 'email', description: "The guest's email address" },
  }),
]

export const flights = [
  tool('find_flights', 'Find flights between two cities on a day.', {
    origin: { type: 'string', description: 'City of departure' },
    destination: { type: 'string', description: 'City of arrival' },
    date: { type: 'string', description: 'Day of travel, in ISO format' },
  }),
]
