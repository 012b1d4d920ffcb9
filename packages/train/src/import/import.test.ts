import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type nn, noGrad, scope, tensor } from '@arcface/libtorch'
import { decodeModel } from '@arcface/onnx'
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { importOnnx } from './index.js'

const SHARED = join(import.meta.dirname, '../../../../../shared/models')
const SIDE = 112

const pixels = (batch: number): Float32Array =>
  Float32Array.from({ length: batch * 3 * SIDE * SIDE }, (_, i) => Math.sin(i * i * 0.01 + i / 50))

/** What ONNX Runtime makes of images one by one. */
async function expected(bytes: Uint8Array, images: Float32Array): Promise<Float32Array> {
  const session = await InferenceSession.create(bytes, {
    logSeverityLevel: 3,
    intraOpNumThreads: 1,
  })
  const rows: number[] = []
  for (let at = 0; at < images.length; at += 3 * SIDE * SIDE) {
    const input = new OrtTensor('float32', images.slice(at, at + 3 * SIDE * SIDE), [
      1,
      3,
      SIDE,
      SIDE,
    ])
    const results = await session.run({ [session.inputNames[0]!]: input })
    rows.push(...(results[session.outputNames[0]!]!.data as Float32Array))
  }
  await session.release()
  return Float32Array.from(rows)
}

function found(network: nn.Module, images: Float32Array): Float32Array {
  const shape = [images.length / (3 * SIDE * SIDE), 3, SIDE, SIDE]
  return noGrad(() => scope(() => network.call(tensor(images, shape)).toFloat32Array()))
}

/** Length of the difference as a share of the truth's. */
function relative(values: Float32Array, truth: Float32Array): number {
  expect(values.length).toBe(truth.length)
  const norm = (list: Float32Array) => Math.hypot(...list)
  return norm(truth.map((x, i) => values[i]! - x)) / norm(truth)
}

describe('embedders in files give the embeddings of ONNX Runtime', () => {
  const path = join(SHARED, 'MobileFaceNet.onnx')
  it.skipIf(!existsSync(path))('MobileFaceNet.onnx of ../shared', async () => {
    const bytes = readFileSync(path)
    const network = importOnnx(decodeModel(bytes, path), path).eval()
    const images = pixels(2)
    expect(network.dim).toBe(128)
    expect(relative(found(network, images), await expected(bytes, images))).toBeLessThan(1e-5)
    network.dispose()
  })
})
