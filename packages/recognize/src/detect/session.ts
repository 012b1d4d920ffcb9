import { InferenceSession, Tensor } from 'onnxruntime-node'
import { RecognizeError } from '../errors.js'
import type { Outputs } from './family.js'

/** A network of one input on ONNX Runtime (CPU). `path` is what errors call it. */
export class Network {
  private constructor(
    readonly path: string,
    readonly session: InferenceSession,
  ) {}

  /** @throws RecognizeError RECOGNIZE_LOAD */
  static async open(
    path: string,
    threads: number | undefined,
    model: string | Uint8Array = path,
  ): Promise<Network> {
    const options: InferenceSession.SessionOptions = {
      executionProviders: ['cpu'],
      logSeverityLevel: 3,
      ...(threads !== undefined && { intraOpNumThreads: threads }),
    }
    try {
      const session =
        typeof model === 'string'
          ? await InferenceSession.create(model, options)
          : await InferenceSession.create(model, options)
      return new Network(path, session)
    } catch (cause) {
      const why = firstLine(cause)
      throw new RecognizeError('RECOGNIZE_LOAD', `${path}: ONNX Runtime cannot load it: ${why}`, {
        cause,
      })
    }
  }

  /** Shape of the input, null where it is no tensor. */
  get shape(): readonly (number | string)[] {
    const input = this.session.inputMetadata[0]
    return input?.isTensor ? input.shape : []
  }

  /** @throws RecognizeError RECOGNIZE_RUN */
  async run(values: Float32Array, dims: readonly number[]): Promise<Outputs> {
    try {
      const input = new Tensor('float32', values, dims)
      const outputs = await this.session.run({ [this.session.inputNames[0]!]: input })
      return Object.entries(outputs).map(([name, { dims, data }]) => ({
        name,
        dims,
        data: data as Float32Array,
      }))
    } catch (cause) {
      throw new RecognizeError('RECOGNIZE_RUN', `${this.path}: failed: ${firstLine(cause)}`, {
        cause,
      })
    }
  }

  close(): Promise<void> {
    return this.session.release()
  }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
