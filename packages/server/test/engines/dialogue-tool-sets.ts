// Tools as agents have them, for the tests of the dialogue engine.
import type { LlmTool } from '../../dist/engines/engine.js'

const tool = (
  name: string,
  description: string,
  properties: Readonly<Record<string, unknown>> = {},
  required: readonly string[] = Object.keys(properties),
): LlmTool => ({ name, description, parameters: { type: 'object', properties, required } })
const text = (description: string, more: object = {}) => ({ type: 'string', description, ...more })

export const weather: readonly LlmTool[] = [
  tool(
    'get_weather',
    'Get the current weather for a city.',
    {
      city: text('The city and state, e.g. San Francisco, CA'),
      unit: text('Unit of the temperature', { enum: ['celsius', 'fahrenheit'] }),
      days: { type: 'integer', description: 'How many days of forecast' },
    },
    ['city'],
  ),
]

export const shop: readonly LlmTool[] = [
  tool('get_order_status', 'Looks up the status of an order.', {
    order_id: text('The order number, e.g. AB-1234', { pattern: '[A-Z]{2}-\\d{4}' }),
  }),
  tool('cancel_order', 'Cancels an order.', {
    order_id: text('The order number', { pattern: '[A-Z]{2}-\\d{4}' }),
    reason: text('Why the customer wants to cancel'),
  }),
  tool('search_products', 'Search the product catalogue.', { query: text('What to search for') }),
  tool('transfer_to_human', 'Hands the call over to a human agent.'),
]

export const clinic: readonly LlmTool[] = [
  tool(
    'book_appointment',
    'Book an appointment with a dentist.',
    {
      patient_name: text("The patient's full name"),
      date: text('Date of the appointment in YYYY-MM-DD format', { format: 'date' }),
      time: text('Time of the appointment'),
      email: text("The patient's email address", { format: 'email' }),
      is_new: { type: 'boolean', description: 'Whether the patient wants a first visit' },
    },
    ['patient_name', 'date', 'time', 'email'],
  ),
]

export const restaurant: readonly LlmTool[] = [
  tool(
    'reserve_table',
    'Reserve a table.',
    {
      party_size: { type: 'integer', description: 'Number of people', minimum: 1, maximum: 12 },
      when: text('Date and time'),
      seating: text('Where to sit', { enum: ['indoors', 'terrace'] }),
      newsletter: { type: 'boolean', description: 'Whether the caller wants our newsletter' },
    },
    ['party_size', 'when', 'newsletter'],
  ),
]

export const bank: readonly LlmTool[] = [
  tool('transfer_money', 'Transfer money between accounts.', {
    from_account: text('Account to take the money from', { enum: ['checking', 'savings', 'credit_card'] }),
    to_account: text('Account to send the money to', { enum: ['checking', 'savings', 'credit_card'] }),
    amount: { type: 'number', description: 'Amount in dollars' },
    currency: text('Currency', { default: 'USD' }),
  }),
  tool('get_balance', 'Get the balance of an account.', {
    account: text('Which account', { enum: ['checking', 'savings', 'credit_card'] }),
  }),
]

export const contact: readonly LlmTool[] = [
  tool('update_contact', 'Change the contact details of a customer.', {
    contact: {
      type: 'object',
      required: ['phone', 'tags'],
      properties: {
        phone: text('The phone number'),
        tags: { type: 'array', items: { type: 'string' }, description: 'Labels for the customer' },
      },
    },
  }),
]

export const endCall = tool('aai_end_call', 'Hangs up.', { goodbye: text('Your last words') }, [])
