import { availableParallelism } from 'node:os'
import { readModelBytes } from '@arcface/data/onnx'
import { checkRegular, FilesError, messageOf } from '@arcface/files'
import type { ModelSource, Network, Tensors } from '@arcface/vision'
import { RecognizeError } from '../errors.js'
import type { Description } from './messages.js'
import { type Place, pool } from './pool.js'
import type { Thread } from './thread.js'

export interface NetworkOptions {
  /** Threads of ONNX Runtime for each run; as many runs at once as fill the cores. Default: a quarter of the cores. */
  readonly threads?: number | undefined
  /** The model, where it is not the file as it lies there. */
  readonly model?: Uint8Array
}

/** @throws RecognizeError RECOGNIZE_USE */
export function threadsOf({ threads }: NetworkOptions): number {
  const usual = Math.max(1, Math.floor(availableParallelism() / 4))
  const chosen = threads ?? usual
  if (Number.isInteger(chosen) && chosen > 0) return chosen
  throw new RecognizeError('RECOGNIZE_USE', `threads: 1 or more, not ${threads}`)
}

/** The last network's number. */
let last = 0

/**
 * A network of one input on ONNX Runtime (CPU), which runs beside the main thread, several times at once. Each of those
 * has its own copy of the weights, made when it is first needed.
 */
export class NodeNetwork implements Network, Place {
  /** Runs at once, at most. */
  readonly parallel: number
  readonly id = ++last
  private readonly holders = new WeakSet<Thread>()
  private description: Description = { inputs: [], outputs: [], shape: [] }

  private constructor(
    /** What errors call it. */
    readonly name: string,
    private readonly model: string | Uint8Array,
    private readonly threads: number,
  ) {
    this.parallel = Math.max(1, Math.floor(availableParallelism() / threads))
  }

  /** @throws RecognizeError RECOGNIZE_LOAD, RECOGNIZE_USE */
  static async open(path: string, options: NetworkOptions = {}): Promise<NodeNetwork> {
    const { model = path } = options
    const network = new NodeNetwork(path, model, threadsOf(options))
    pool.add(network)
    try {
      if (typeof model === 'string') checkRegular(model)
      network.description = await pool.run(network, (thread) => network.load(thread))
      return network
    } catch (cause) {
      await network.close()
      if (cause instanceof RecognizeError || isOfBundle(cause)) throw cause
      throw new RecognizeError(
        'RECOGNIZE_LOAD',
        `${path}: ONNX Runtime cannot load it: ${messageOf(cause)}`,
        { cause },
      )
    }
  }

  get inputs(): readonly string[] {
    return this.description.inputs
  }

  get outputs(): readonly string[] {
    return this.description.outputs
  }

  /** Of the first input. */
  get shape(): readonly (number | string)[] {
    return this.description.shape
  }

  /** @param inputs moved into another thread: gone afterwards @throws RecognizeError RECOGNIZE_RUN */
  async run(inputs: Tensors): Promise<Tensors> {
    try {
      return await pool.run(this, async (thread) => {
        if (!this.holders.has(thread)) await this.load(thread)
        return thread.ask({ kind: 'run', network: this.id, inputs })
      })
    } catch (cause) {
      throw new RecognizeError('RECOGNIZE_RUN', `${this.name}: failed: ${messageOf(cause)}`, {
        cause,
      })
    }
  }

  /** Waits for runs under way. */
  close(): Promise<void> {
    return pool.remove(this)
  }

  private async load(thread: Thread): Promise<Description> {
    const { id: network, model, threads } = this
    const description = await thread.ask({ kind: 'load', network, model, threads })
    this.holders.add(thread)
    return description
  }
}

/** The thread's own file is missing: nothing is wrong with the model. */
const isOfBundle = (cause: unknown) => cause instanceof FilesError && cause.code === 'FILES_WORKER'

/** A model in a file, for networks of this runtime. @throws OnnxError ONNX_UNREADABLE; RecognizeError RECOGNIZE_USE */
export async function modelFile(path: string, options: NetworkOptions = {}): Promise<ModelSource> {
  threadsOf(options)
  return {
    name: path,
    bytes: await readModelBytes(path),
    load: (changed) => NodeNetwork.open(path, { ...options, ...(changed && { model: changed }) }),
  }
}
