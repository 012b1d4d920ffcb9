import { GraphBuilder, TensorProto_DataType } from '@arcface/onnx'
import { Tensor } from 'onnxruntime-node'
import { openProduct, runProduct } from './session.js'

const { FLOAT, UINT8 } = TensorProto_DataType
const SIZE = 64

/**
 * Whether ONNX Runtime multiplies bytes here without error. Where the processor has no instructions
 * for sums of products of bytes (VNNI, AMX; every ARM has), x86 adds two of them in 16 bits, which is
 * neither exact nor much faster than float32. The largest numbers show it.
 */
export function hasExactInt8(): Promise<boolean> {
  exact ??= multiplyLargest()
  return exact
}

let exact: Promise<boolean> | undefined

async function multiplyLargest(): Promise<boolean> {
  const graph = new GraphBuilder('product')
  const bytes = graph.input('block', UINT8, [SIZE, SIZE])
  const columns = graph.constant(new Int8Array(SIZE * SIZE).fill(127), [SIZE, SIZE])
  const product = graph.add('MatMulInteger', [bytes, columns])
  const sums = graph.add('Cast', [product], { to: { int: FLOAT } }, { output: 'result' })
  graph.output(sums, FLOAT, [SIZE, SIZE])
  const session = await openProduct(graph.encode(), 'a product of bytes', 1)
  const out = new Float32Array(SIZE * SIZE)
  try {
    const block = new Tensor('uint8', new Uint8Array(SIZE * SIZE).fill(255), [SIZE, SIZE])
    await runProduct(session, { block }, { result: new Tensor('float32', out, [SIZE, SIZE]) })
  } finally {
    await session.release()
  }
  return out.every((sum) => sum === 255 * 127 * SIZE)
}
