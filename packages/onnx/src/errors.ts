/** Every code of this room: what it means, and the status of an answer over HTTP that it is the reason of. */
export const onnxErrors = {
  ONNX_UNREADABLE: {
    meaning: 'The file cannot be read, or weights that it keeps in others are missing.',
    status: 422,
  },
  ONNX_NOT_A_MODEL: {
    meaning: 'It is no ONNX model, or cut short.',
    status: 422,
  },
  ONNX_BAD_METADATA: {
    meaning: 'What the file, or a file of thresholds, says of itself is not valid.',
    status: 422,
  },
  ONNX_PRECISION: {
    meaning: 'The model cannot be written in another precision.',
    status: 422,
  },
} as const satisfies Record<string, { readonly meaning: string; readonly status: number }>

export type OnnxErrorCode = keyof typeof onnxErrors

/** What can be wrong with an ONNX file; the message names the file and says what to do. */
export class OnnxError extends Error {
  override readonly name = 'OnnxError'
  /** What to do, where the message alone does not say it. */
  readonly hint: string | undefined

  constructor(
    readonly code: OnnxErrorCode,
    message: string,
    { hint, ...options }: ErrorOptions & { readonly hint?: string | undefined } = {},
  ) {
    super(message, options)
    this.hint = hint
  }
}
