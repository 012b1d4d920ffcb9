import { extname } from 'node:path'
import type { Weights } from '@arcface/data/weights'

const endings = ['.params', '.pth', '.pt', '.safetensors']

export const isWeights = (ending: string) => endings.includes(ending)

/** Weights of any known format. libtorch is loaded only for safetensors. */
export async function readWeights(path: string): Promise<Weights> {
  const { readParams, readTorch, refuseOther } = await import('@arcface/data/weights')
  const ending = extname(path).toLowerCase()
  if (ending === '.params') return readParams(path)
  if (ending !== '.safetensors') return readTorch(path)
  const { loadSafetensors } = await import('@arcface/libtorch')
  refuseOther(path)
  const weights: Weights = new Map()
  for (const [name, tensor] of loadSafetensors(path)) {
    const { dtype, shape } = tensor
    weights.set(name, { dtype, shape: [...shape], data: tensor.toTypedArray() })
    tensor.dispose()
  }
  return weights
}

export async function convertWeights(src: string, dst: string): Promise<Record<string, number>> {
  const { writeParams, writeTorch } = await import('@arcface/data/weights')
  const weights = await readWeights(src)
  const ending = extname(dst).toLowerCase()
  if (ending === '.params') writeParams(dst, weights)
  else if (ending === '.pth' || ending === '.pt') writeTorch(dst, weights)
  else await saveSafetensors(dst, weights)
  return countWeights(weights)
}

/** MXNet's network as ONNX; `model-symbol.json` lies beside `model-0000.params`. */
export async function convertNetwork(
  src: string,
  dst: string,
  symbol = src.replace(/(-\d+)?\.params$/i, '-symbol.json'),
): Promise<Record<string, number>> {
  const { encodeModel } = await import('@arcface/onnx')
  const { mxnetToOnnx } = await import('@arcface/data/onnx')
  const weights = await readWeights(src)
  const bytes = encodeModel(mxnetToOnnx(symbol, weights))
  const { writeWhole } = await import('@arcface/files')
  writeWhole(dst, bytes)
  return { ...countWeights(weights), bytes: bytes.length }
}

/** Tensors and values. */
export function countWeights(weights: Weights): { tensors: number; parameters: number } {
  let parameters = 0
  for (const { data } of weights.values()) parameters += data.length
  return { tensors: weights.size, parameters }
}

async function saveSafetensors(path: string, weights: Weights): Promise<void> {
  const { saveSafetensors: save, scope, tensor } = await import('@arcface/libtorch')
  scope(() => {
    const entries = [...weights].map(
      ([name, { dtype, shape, data }]) => [name, tensor(data, [...shape], { dtype })] as const,
    )
    save(path, new Map(entries))
  })
}
