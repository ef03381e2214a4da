// A page with a voice: a button, what the agent does, and what was said.
import { talk, textOf } from '/client/index.js'

const button = document.getElementById('talk')
const state = document.getElementById('state')
const transcript = document.getElementById('transcript')

let conversation

button.addEventListener('click', async () => {
  if (conversation) return conversation.end()
  button.textContent = 'End'
  try {
    const answer = await fetch('/token', { method: 'POST' })
    if (!answer.ok) throw new Error('No token was given. The server of this page tells why.')
    const { url, token, agentId } = await answer.json()
    // Without an agent of your own, describe one in place.
    const who = agentId
      ? { agentId }
      : { session: { system_prompt: 'Be brief and kind.', greeting: 'Hello! How are you?' } }
    begin(talk({ url, token, ...who }))
  } catch (error) {
    over(error.message)
  }
})

function begin(begun) {
  conversation = begun
  let failure
  conversation.on('error', ({ message }) => {
    failure = message
  })
  conversation.on('change', ({ activity, turns }) => {
    transcript.replaceChildren(...turns.map(line))
    if (activity === 'ended') over(failure ?? 'ended')
    else state.textContent = activity
  })
}

function line(turn) {
  const item = document.createElement('li')
  item.textContent = `${turn.who === 'user' ? 'You' : 'Agent'}: ${textOf(turn)}`
  return item
}

function over(reason) {
  conversation = undefined
  button.textContent = 'Talk'
  state.textContent = reason
}
