/** What can be wrong with an ONNX file; the message names the file and says what to do. */
export class OnnxError extends Error {
  override readonly name = 'OnnxError'
  constructor(
    readonly code: 'ONNX_UNREADABLE' | 'ONNX_NOT_A_MODEL' | 'ONNX_BAD_METADATA',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
