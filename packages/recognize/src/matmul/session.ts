import { InferenceSession } from 'onnxruntime-node'
import { RecognizeError } from '../errors.js'
import '../network/telemetry.js'

/**
 * Makes a product ready.
 * @throws RecognizeError RECOGNIZE_LOAD
 */
export async function openProduct(
  model: Uint8Array,
  what: string,
  threads: number | undefined,
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(model, {
      executionProviders: ['cpu'],
      ...(threads !== undefined && { intraOpNumThreads: threads }),
    })
  } catch (cause) {
    const message = `ONNX Runtime cannot make ${what} ready: ${reason(cause)}`
    throw new RecognizeError('RECOGNIZE_LOAD', message, { cause })
  }
}

/** @throws RecognizeError RECOGNIZE_RUN */
export async function runProduct(
  session: InferenceSession,
  feeds: InferenceSession.FeedsType,
  results: InferenceSession.FetchesType = {},
): Promise<InferenceSession.ReturnType> {
  try {
    return await session.run(feeds, results)
  } catch (cause) {
    throw new RecognizeError('RECOGNIZE_RUN', `a product failed: ${reason(cause)}`, { cause })
  }
}

const reason = (cause: unknown) =>
  (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]
