import {
  canRecordGraphs,
  type Graph,
  keep,
  ops,
  recordGraph,
  scope,
  type Tensor,
  TorchError,
} from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import { type Loss, UnifiedMargin } from '../losses/index.js'

/** Steps of a shape that run by themselves before one is recorded: cuDNN chooses its algorithms, memory is laid out. */
const WARM = 3

/** What a step reads on the device. */
export interface Inputs {
  /** uint8 [N, 112, 112, 3]. */
  images: Tensor
  /** int64 [N]. */
  labels: Tensor
  /** float32 [1]. */
  lr: Tensor
}
type Work = (inputs: Inputs) => Tensor

/**
 * Steps as CUDA graphs: while shapes and margins stand still, what a step launches is recorded once and launched in one
 * go from then on. A step that cannot be recorded runs as it did, and so do all after it.
 */
export class Recorder {
  #key = ''
  #seen = 0
  #recorded: { graph: Graph; inputs: Inputs; result: Tensor } | null = null
  /** Why steps are not recorded, where one could not be. */
  problem: string | null = null

  /** For trainings whose steps wait for nothing on the host; null for others. */
  static of({ data, head, train }: Config, loss: Loss, isAlone: boolean): Recorder | null {
    const stands = head.sample === 1 && data.unlabelled.length === 0 && isAlone
    const isPlain = loss instanceof UnifiedMargin && !loss.isRegularized
    return stands && isPlain && canRecordGraphs(train.device) ? new Recorder() : null
  }

  /**
   * Does `work` on the inputs, and gives its result.
   * @param key what stands for all that is no tensor: where it changes, the step is another one
   */
  run(key: string, inputs: Inputs, work: Work): Tensor {
    if (key !== this.#key) {
      this.dispose()
      this.#key = key
      this.#seen = 0
    }
    if (this.problem === null && !this.#recorded && ++this.#seen > WARM) this.#record(inputs, work)
    if (!this.#recorded) return work(inputs)
    const { graph, inputs: own, result } = this.#recorded
    for (const name of names) ops.copy_(own[name], inputs[name], true)
    graph.replay()
    return ops.clone(result)
  }

  #record(inputs: Inputs, work: Work): void {
    const own = scope(() => {
      const copy = (name: keyof Inputs) => keep(ops.clone(inputs[name]))
      return { images: copy('images'), labels: copy('labels'), lr: copy('lr') }
    })
    let result: Tensor | null = null
    try {
      const graph = recordGraph(own.images.device, () => {
        result = keep(scope(() => work(own)))
      })
      this.#recorded = { graph, inputs: own, result: result! }
    } catch (error) {
      if (!(error instanceof TorchError)) throw error
      this.problem = error.message.split('\n')[0]!
      for (const one of [...Object.values(own), result]) one?.dispose()
    }
  }

  dispose(): void {
    if (!this.#recorded) return
    const { graph, inputs, result } = this.#recorded
    this.#recorded = null
    graph[Symbol.dispose]()
    for (const one of [...Object.values(inputs), result]) one.dispose()
  }
}

const names = ['images', 'labels', 'lr'] as const
