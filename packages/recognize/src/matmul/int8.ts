import { Tensor } from 'onnxruntime-node'
import { FLOAT, Graph, UINT8, value } from './graph.js'
import { openProduct, runProduct } from './session.js'

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
  const graph = new Graph()
  const columns = graph.constant(new Int8Array(SIZE * SIZE).fill(127), [SIZE, SIZE])
  const product = graph.add('MatMulInteger', ['block', columns])
  const result = graph.add('Cast', [product], { to: BigInt(FLOAT) }, 'result')
  const model = graph.encode(
    [value('block', UINT8, SIZE, SIZE)],
    [value(result, FLOAT, SIZE, SIZE)],
  )
  const session = await openProduct(model, 'a product of bytes', 1)
  const out = new Float32Array(SIZE * SIZE)
  try {
    const block = new Tensor('uint8', new Uint8Array(SIZE * SIZE).fill(255), [SIZE, SIZE])
    await runProduct(session, { block }, { result: new Tensor('float32', out, [SIZE, SIZE]) })
  } finally {
    await session.release()
  }
  return out.every((sum) => sum === 255 * 127 * SIZE)
}
