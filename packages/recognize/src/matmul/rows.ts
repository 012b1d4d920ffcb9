import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  encodeModel,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '@arcface/onnx'
import { create } from '@bufbuild/protobuf'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import '../network/telemetry.js'

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

const model = () =>
  encodeModel(
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [{ version: 17n }],
      graph: {
        name: 'probes times rows',
        node: [
          create(NodeProtoSchema, {
            opType: 'Gemm',
            input: ['probes', 'rows'],
            output: ['scores'],
            attribute: [
              create(AttributeProtoSchema, {
                name: 'transB',
                type: AttributeProto_AttributeType.INT,
                i: 1n,
              }),
            ],
          }),
        ],
        input: [matrix('probes', 'M', 'K'), matrix('rows', 'N', 'K')],
        output: [matrix('scores', 'M', 'N')],
      },
    }),
  )

function matrix(name: string, ...sides: string[]): ValueInfoProto {
  const dim = sides.map((value) => ({ value: { case: 'dimParam' as const, value } }))
  const tensorType = { elemType: TensorProto_DataType.FLOAT, shape: { dim } }
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: tensorType } },
  })
}
