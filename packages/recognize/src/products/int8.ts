import { GraphBuilder, TensorProto_DataType } from '@arcface/onnx'
import type { Runnable } from './engine.js'

const { FLOAT, UINT8 } = TensorProto_DataType
const SIZE = 64

/** Multiplies the largest bytes. */
export function int8Model(): Uint8Array {
  const graph = new GraphBuilder('product')
  const bytes = graph.input('block', UINT8, [SIZE, SIZE])
  const columns = graph.constant(new Int8Array(SIZE * SIZE).fill(127), [SIZE, SIZE])
  const product = graph.add('MatMulInteger', [bytes, columns])
  const sums = graph.add('Cast', [product], { to: { int: FLOAT } }, { output: 'result' })
  graph.output(sums, FLOAT, [SIZE, SIZE])
  return graph.encode()
}

/**
 * Whether ONNX Runtime multiplies bytes here without error. Where the processor has no instructions
 * for sums of products of bytes (VNNI, AMX; every ARM has), x86 adds two of them in 16 bits, which is
 * neither exact nor much faster than float32. The largest numbers show it.
 *
 * @param network of `int8Model`
 */
export async function multipliesExactly(network: Pick<Runnable, 'run'>): Promise<boolean> {
  const block = { dims: [SIZE, SIZE], data: new Uint8Array(SIZE * SIZE).fill(255) }
  const { result } = await network.run({ block })
  return result!.data.every((sum) => sum === 255 * 127 * SIZE)
}
