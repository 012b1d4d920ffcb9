import { GraphBuilder, TensorProto_DataType } from '@arcface/onnx'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import '../network/telemetry.js'

const { FLOAT } = TensorProto_DataType

/**
 * Products of probes with rows that change: unlike `onnxMatMul`, whose panels ONNX Runtime packs
 * once, this takes the rows as they lie in memory at each call, which for a few probes is as fast
 * (reading the rows is what takes the time) and needs no second copy.
 */
export class Product {
  private constructor(private readonly session: InferenceSession) {}

  static async open(): Promise<Product> {
    return new Product(
      await InferenceSession.create(model(), { executionProviders: ['cpu'], logSeverityLevel: 3 }),
    )
  }

  /**
   * @param probes m x dim
   * @param rows n x dim; only read
   * @returns m x n
   */
  async times(probes: Float32Array, rows: Float32Array, dim: number): Promise<Float32Array> {
    const [m, n] = [probes.length / dim, rows.length / dim]
    const scores = new Float32Array(m * n)
    await this.session.run(
      {
        probes: new Tensor('float32', probes, [m, dim]),
        rows: new Tensor('float32', rows, [n, dim]),
      },
      { scores: new Tensor('float32', scores, [m, n]) },
    )
    return scores
  }

  release(): Promise<void> {
    return this.session.release()
  }
}

/** The product of `probes` (M x K) with the transpose of `rows` (N x K). */
function model(): Uint8Array {
  const graph = new GraphBuilder('probes times rows')
  const probes = graph.input('probes', FLOAT, ['M', 'K'])
  const rows = graph.input('rows', FLOAT, ['N', 'K'])
  const scores = graph.add('Gemm', [probes, rows], { transB: { int: 1 } }, { output: 'scores' })
  graph.output(scores, FLOAT, ['M', 'N'])
  return graph.encode()
}
