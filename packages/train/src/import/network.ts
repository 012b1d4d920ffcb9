import { nn, type Tensor } from '@arcface/libtorch'
import { stateNames } from './names.js'
import { type Program, Runner } from './run.js'

/**
 * A network that was an ONNX graph: float32 [N, 3, 112, 112], as the graph takes them, to [N, dim]. Parameters and
 * buffers have the names of the file, in the order in which the graph reads them.
 */
export class ImportedNetwork extends nn.Module {
  readonly #runner: Runner

  constructor(
    program: Program,
    /** Length of an embedding. */
    readonly dim: number,
  ) {
    super()
    this.#runner = new Runner(program)
    const { parameters, buffers } = program
    const names = stateNames([...parameters.keys(), ...buffers.keys()])
    const nameOf = (name: string) => names.get(name) as string
    for (const [name, value] of parameters) this.parameter(nameOf(name), value)
    for (const [name, value] of buffers) this.buffer(nameOf(name), value)
  }

  override forward(x: Tensor): Tensor {
    return this.#runner.run(x, this.training)
  }

  override dispose(): void {
    super.dispose()
    this.#runner.dispose()
  }
}
