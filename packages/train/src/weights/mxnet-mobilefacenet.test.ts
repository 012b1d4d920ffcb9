import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Weight, type Weights, writeParams } from '@arcface/data/weights'
import { liveTensors, noGrad, ops, scope, type Tensor, tensor } from '@arcface/libtorch'
import { Random } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { createBackbone } from '../backbones/index.js'
import { beginWith } from './begin.js'

// The network again, from InsightFace's fmobilefacenet.py, on arrays by its names: what the translated weights must compute.

const DIM = 16
const random = new Random(1, 1)
const draw = (shape: number[], from: number, to: number): Weight => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(
    { length: shape.reduce((product, side) => product * side, 1) },
    () => from + ((to - from) * random.below(2 ** 20)) / 2 ** 20,
  ),
})

const weights: Weights = new Map()
const of = (name: string): Tensor => {
  const { data, shape } = weights.get(name)!
  return tensor(data, [...shape])
}
/** Draws a layer's arrays at the first pass, and takes them again at later ones. */
const known = (name: string, shape: number[], from: number, to: number): Tensor => {
  if (!weights.has(name)) weights.set(name, draw(shape, from, to))
  return of(name)
}

function batchNorm(name: string, x: Tensor, epsilon: number, fixGamma = false): Tensor {
  const channels = x.shape[1]!
  const at = (value: string, from: number, to: number, group = 'arg') => {
    const one = known(`${group}:${name}_${value}`, [channels], from, to)
    return x.shape.length === 4 ? ops.reshape(one, [1, -1, 1, 1]) : one
  }
  const [gamma, beta] = [at('gamma', 0.5, 1.5), at('beta', -0.2, 0.2)]
  // Small variances: the epsilon counts.
  const [mean, variance] = [
    at('moving_mean', -0.1, 0.1, 'aux'),
    at('moving_var', 0.005, 0.05, 'aux'),
  ]
  const normal = ops.div(ops.sub(x, mean), ops.sqrt(ops.add(variance, epsilon)))
  return ops.add(fixGamma ? normal : ops.mul(normal, gamma), beta)
}

interface Shape {
  kernel?: number
  stride?: number
  pad?: number
  groups?: number
  linear?: boolean
}

function conv(name: string, x: Tensor, filters: number, shape: Shape = {}): Tensor {
  const { kernel = 1, stride = 1, pad = 0, groups = 1, linear = false } = shape
  const inputs = x.shape[1]! / groups
  const bound = 0.3 / Math.sqrt(inputs * kernel * kernel)
  const weight = known(
    `arg:${name}_conv2d_weight`,
    [filters, inputs, kernel, kernel],
    -bound,
    bound,
  )
  const y = batchNorm(
    `${name}_batchnorm`,
    ops.conv2d(x, weight, null, stride, pad, 1, groups),
    1e-3,
  )
  if (linear) return y
  const slope = ops.reshape(known(`arg:${name}_relu_gamma`, [filters], 0, 0.5), [1, -1, 1, 1])
  return ops.where(ops.gt(y, 0), y, ops.mul(y, slope))
}

function dResidual(
  name: string,
  x: Tensor,
  filters: number,
  groups: number,
  stride: number,
): Tensor {
  const sep = conv(`${name}_conv_sep`, x, groups)
  const dw = conv(`${name}_conv_dw`, sep, groups, { kernel: 3, pad: 1, stride, groups })
  return conv(`${name}_conv_proj`, dw, filters, { linear: true })
}

function residual(
  name: string,
  blocks: number,
  x: Tensor,
  filters: number,
  groups: number,
): Tensor {
  let y = x
  for (let i = 0; i < blocks; i++)
    y = ops.add(dResidual(`${name}_block${i}`, y, filters, groups, 1), y)
  return y
}

function theirs(images: Tensor): Tensor {
  let x = conv('conv_1', images, 64, { kernel: 3, pad: 1, stride: 2 })
  x = conv('conv_2_dw', x, 64, { kernel: 3, pad: 1, groups: 64 })
  x = residual('res_3', 4, dResidual('dconv_23', x, 64, 128, 2), 64, 128)
  x = residual('res_4', 6, dResidual('dconv_34', x, 128, 256, 2), 128, 256)
  x = residual('res_5', 2, dResidual('dconv_45', x, 128, 512, 2), 128, 256)
  x = conv('conv_6sep', x, 512)
  x = conv('conv_6dw7_7', x, 512, { kernel: 7, groups: 512, linear: true })
  const weight = known('arg:pre_fc1_weight', [DIM, 512], -0.05, 0.05)
  const bias = known('arg:pre_fc1_bias', [DIM], -0.5, 0.5)
  const y = ops.add(ops.matmul(ops.reshape(x, [-1, 512]), ops.transpose(weight, 0, 1)), bias)
  return batchNorm('fc1', y, 2e-5, true)
}

describe("weights of MXNet's MobileFaceNet", () => {
  it('compute what they did there', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'mobilefacenet-')), 'y-0000.params')
    const pixels = draw([2, 3, 112, 112], -1, 1).data as Float32Array
    const input = () => tensor(pixels, [2, 3, 112, 112])
    const values = (body: () => Tensor) => noGrad(() => scope(() => body().toFloat32Array()))
    const wanted = values(() => theirs(input()))
    writeParams(path, weights)
    const network = createBackbone('mobilefacenet-small', { embeddingSize: DIM })
    const before = liveTensors()
    expect(beginWith(path, network, DIM)).toMatchObject({
      missing: [],
      unexpected: [],
      reshaped: [],
    })
    expect(liveTensors()).toBe(before)
    const found = values(() => network.eval().call(input()))
    const size = Math.max(...wanted.map(Math.abs))
    const off = wanted.map((value, i) => Math.abs(value - found[i]!) / size)
    expect(Math.max(...off)).toBeLessThan(1e-4)
    network.dispose()
  })
})
