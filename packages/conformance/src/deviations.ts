// What there is to say of single items about Parley: why one does not pass, and where its sources contradict each other.

const numbered = (
  entries: readonly (readonly [numbers: readonly number[], text: string])[],
): ReadonlyMap<number, string> =>
  new Map(entries.flatMap(([numbers, text]) => numbers.map((number) => [number, text] as const)))

/** Why an item does not pass. A run that finds one missing, or one too many, says so. */
export const deviations = numbered([])

/** What Parley does where the documentation and the hosted service were seen to differ, or where it does better. */
export const remarks = numbered([
  [[12], 'HEAD is answered alike.'],
  [[17], 'The cap holds for the session that the token opens (24).'],
  [[20], '401, as documented. The hosted service was seen to answer 404: `PARLEY_STRICT_COMPAT=on` does so too.'],
  [[21], 'As documented. The hosted service was seen to accept a token again: `PARLEY_TOKEN_REUSE=allow` does so too.'],
  [[24], 'As documented: `session.ended` and 1000. The hosted service was seen not to enforce the cap.'],
  [[25], 'Answered with 201.'],
  [[28], 'The hosted service was seen to leave some first updates unanswered.'],
  [[33], 'A `sample_rate` of 8000 may be sent with μ-law and A-law.'],
  [[43], '`invalid_format`, and the settings may be corrected. Unknown keys further down are ignored.'],
  [[46], 'The hosted service was seen to accept the rate and to end the session ten seconds later.'],
  [[70], 'Replies begin with sound; there is no silence in front of the first word.'],
  [[76], 'A `reply.create` during a reply waits for its end; of several, the last counts.'],
  [[81], 'Times come from the voice where it knows them; otherwise they are estimated.'],
  [[83], 'Each word brings the space after it, but for the last.'],
  [[90], 'As documented. The hosted service was seen to tell its model nothing of these messages.'],
  [[94], 'How long the silence before it is depends on the words: see `turn-taking.md`.'],
  [[98], 'Trimmed to the words that had been sent for playing.'],
  [
    [109],
    'Ten seconds may come at once; beyond real time and that, sound is dropped, with one error in a second at most.',
  ],
  [[112], 'A reply that is open is closed first, as interrupted.'],
  [[114], 'The true length. The hosted service was seen to send null always.'],
  [[141], 'Neither encrypted nor plain: the echo has empty strings in the place of ciphertexts.'],
  [[147], 'The voice of the agent is shown in `output.voice`, too.'],
  [[170], 'Such a reply is `interrupted` once something of it was heard, else `completed`.'],
  [[175], 'The suite plays the bridge and the telephone.'],
])
