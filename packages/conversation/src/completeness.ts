// How finished a text sounds.
export interface Completeness {
  readonly complete: number
  readonly dictating: boolean
  readonly why: string
}
export const completenessOf = (text: string, question: string): Completeness => ({
  complete: text.length + question.length > 0 ? 0.7 : 0,
  dictating: false,
  why: 'sentence',
})
