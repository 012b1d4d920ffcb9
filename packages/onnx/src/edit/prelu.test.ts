import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, it } from 'vitest'
import { GraphBuilder } from '../build/graph.js'
import {
  type ModelProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
} from '../generated/onnx_pb.js'
import { decodeModel, encodeModel } from '../model/model.js'
import { withoutPRelu } from './prelu.js'

const { FLOAT } = TensorProto_DataType
const SIDE = 9
const numbers = (count: number, seed: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1) * seed + i * i))

/** Two convolutions, each with a PRelu, the second of slopes of the shape given; one PRelu of rows. */
function network(channels: number, slopes: readonly number[], opset = 17): ModelProto {
  const graph = new GraphBuilder('small', { opset })
  const weights = (seed: number, ...shape: number[]) =>
    graph.constant(
      numbers(
        shape.reduce((a, b) => a * b),
        seed,
      ),
      shape,
    )
  const conv = (x: string, from: number) =>
    graph.add('Conv', [x, weights(from, channels, from, 3, 3)], { pads: { ints: [1, 1, 1, 1] } })
  const input = graph.input('x', FLOAT, ['n', 3, SIDE, SIDE])
  const first = graph.add('PRelu', [conv(input, 3), weights(5, channels, 1, 1)])
  const second = graph.add('PRelu', [conv(first, channels), weights(7, ...slopes)])
  const sum = graph.add('Add', [second, first])
  const flat = graph.add('Flatten', [sum])
  const count = channels * SIDE * SIDE
  graph.output(graph.add('PRelu', [flat, weights(2, count)]), FLOAT, ['n', count])
  return decodeModel(graph.encode(), 'small')
}

async function run(bytes: Uint8Array, x: Float32Array): Promise<Float32Array> {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 })
  const outputs = await session.run({ x: new Tensor('float32', x, [2, 3, SIDE, SIDE]) })
  await session.release()
  return Object.values(outputs)[0]!.data as Float32Array
}

const kinds = (bytes: Uint8Array) =>
  decodeModel(bytes, 'small').graph!.node.map(({ opType }) => opType)

// Channels of a whole block of ONNX Runtime's, and not; slopes above 1 and below 0 among them.
it.each([
  [16, [16, 1, 1]],
  [13, [13, 1, 1]],
  [8, [1, 8, 1, 1]],
  [5, [1]],
])('gives what PRelu gives, to the last bit: %d channels, slopes %j', async (channels, slopes) => {
  const model = network(channels, slopes)
  const x = numbers(2 * 3 * SIDE * SIDE, 0.37)
  const before = await run(encodeModel(model), x)
  const changed = withoutPRelu(model, 'small')!
  expect(kinds(changed).filter((kind) => kind === 'PRelu')).toHaveLength(1) // of rows
  expect(await run(changed, x)).toEqual(before)
  expect(before.some((value) => value < 0)).toBe(true)
})

it('leaves models alone that have none, of the first operator sets, or whose weights lie elsewhere', () => {
  const old = network(4, [4, 1, 1], 6)
  expect(withoutPRelu(old, 'old')).toBeUndefined()
  const elsewhere = network(4, [4, 1, 1])
  const [weights] = elsewhere.graph!.initializer
  weights!.dataLocation = TensorProto_DataLocation.EXTERNAL
  weights!.externalData = [{ key: 'location', value: 'w.bin' }] as never
  expect(withoutPRelu(elsewhere, 'elsewhere')).toBeUndefined()
  const bare = network(4, [4, 1, 1])
  bare.graph!.node = bare.graph!.node.filter(({ opType }) => opType !== 'PRelu')
  expect(withoutPRelu(bare, 'bare')).toBeUndefined()
})
