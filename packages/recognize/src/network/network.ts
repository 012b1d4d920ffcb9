import { availableParallelism } from 'node:os'
import { readModel, readModelBytes } from '@arcface/data/onnx'
import { checkRegular, messageOf } from '@arcface/files'
import { externalFiles, OnnxError } from '@arcface/onnx'
import type { ModelSource, Network, Tensors } from '@arcface/vision'
import { RecognizeError } from '../errors.js'
import type { ThreadTensors } from '../products/engine.js'
import type { Work } from '../products/work.js'
import { type Backend, backendOf } from './backend.js'
import type { Description } from './messages.js'
import { type Place, pool } from './pool.js'
import type { Thread } from './thread.js'

export interface NetworkOptions {
  /**
   * Cores for each run; as many runs at once as fill all. Default: with the backend `node` a quarter of the cores; with
   * `wasm` 1, and more make no run faster, but fewer copies of the network.
   */
  readonly threads?: number | undefined
  /** Default: what ARCFACE_BACKEND says, else `node` where `onnxruntime-node` is installed, else `wasm` (`onnxruntime-web`). */
  readonly backend?: Backend | undefined
}

/** @throws RecognizeError RECOGNIZE_USE */
export function threadsOf({ threads }: NetworkOptions, backend: Backend = 'node'): number {
  const usual = backend === 'wasm' ? 1 : Math.max(1, Math.floor(availableParallelism() / 4))
  const chosen = threads ?? usual
  if (Number.isInteger(chosen) && chosen > 0) return chosen
  throw new RecognizeError('RECOGNIZE_USE', `threads: 1 or more, not ${threads}`)
}

/** The last network's number. */
let last = 0

/**
 * A network on ONNX Runtime (CPU), which runs beside the main thread, several times at once. Each of those has its own
 * copy of the weights, made when it is first needed.
 */
export class ThreadNetwork implements Network, Place {
  /** Runs at once, at most. */
  readonly parallel: number
  readonly id = ++last
  private readonly holders = new WeakSet<Thread>()
  private description: Description = { inputs: [], outputs: [], shape: [] }
  private external: readonly string[] = []

  private constructor(
    /** What errors call it. */
    readonly name: string,
    private readonly model: string | Uint8Array | Work,
    readonly backend: Backend,
    private readonly threads: number,
  ) {
    this.parallel = Math.max(1, Math.floor(availableParallelism() / threads))
  }

  /**
   * @param model where it is not the file as it lies there
   * @throws RecognizeError RECOGNIZE_LOAD, RECOGNIZE_BACKEND, RECOGNIZE_USE; with the backend wasm OnnxError as
   *   `readModel`; FilesError FILES_WORKER in a bundle without the thread
   */
  static async open(
    path: string,
    options: NetworkOptions = {},
    model: string | Uint8Array | Work = path,
  ): Promise<ThreadNetwork> {
    const backend = backendOf(options.backend)
    const network = new ThreadNetwork(path, model, backend, threadsOf(options, backend))
    pool.add(network)
    try {
      await network.prepare()
      return network
    } catch (cause) {
      await network.close()
      if (cause instanceof RecognizeError || cause instanceof OnnxError) throw cause
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
  run(inputs: Tensors): Promise<Tensors>
  /** @param outputs in shared memory: results that are written there, and not returned */
  run(inputs: ThreadTensors, outputs?: ThreadTensors): Promise<ThreadTensors>
  async run(inputs: ThreadTensors, outputs?: ThreadTensors): Promise<ThreadTensors> {
    try {
      return await pool.run(this, async (thread) => {
        if (!this.holders.has(thread)) await this.load(thread)
        return thread.ask({ kind: 'run', network: this.id, inputs, outputs })
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

  private async prepare(): Promise<void> {
    if (typeof this.model === 'string') {
      checkRegular(this.model)
      // The binding of Node finds weights beside a model by itself.
      if (this.backend === 'wasm')
        this.external = externalFiles(await readModel(this.model), this.name)
    }
    this.description = await pool.run(this, (thread) => this.load(thread))
  }

  private async load(thread: Thread): Promise<Description> {
    const { id: network, backend, model, external, threads } = this
    const description = await thread.ask({
      kind: 'load',
      network,
      backend,
      model,
      external,
      threads,
    })
    this.holders.add(thread)
    return description
  }
}

/** A model in a file, for networks of this runtime. @throws OnnxError ONNX_UNREADABLE; RecognizeError RECOGNIZE_USE */
export async function modelFile(path: string, options: NetworkOptions = {}): Promise<ModelSource> {
  threadsOf(options)
  return {
    name: path,
    bytes: await readModelBytes(path),
    load: (changed) => ThreadNetwork.open(path, options, changed),
  }
}
