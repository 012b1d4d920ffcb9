import { nn, noGrad, ops, scope } from '@arcface/libtorch'
import { describe, expect, it } from 'vitest'
import { createBackbone, IResNet, listBackbones } from './index.js'

describe('createBackbone', () => {
  it('names the nearest for a typo', () => {
    expect(() => createBackbone('mobilfacenet')).toThrow(
      expect.objectContaining({
        code: 'TRAIN_BACKBONE',
        message: expect.stringContaining('did you mean mobilefacenet?'),
      }),
    )
    expect(() => createBackbone('constructor')).toThrow(
      expect.objectContaining({
        message: 'no backbone named "constructor"',
        hint: expect.stringMatching(/^Known: r18, .*; and onnx/),
      }),
    )
  })

  it.each([
    ['r18', { embeddingSize: 0 }],
    ['r18', { embeddingSize: 1.5 }],
    ['r18', { dropout: 1 }],
    ['r18', { dropout: Number.NaN }],
    ['mobilefacenet', { dropout: 0.4 }],
  ])('refuses %s with %o', (name, options) => {
    expect(() => createBackbone(name, options)).toThrow(
      expect.objectContaining({ code: 'TRAIN_BACKBONE' }),
    )
  })

  it.each(listBackbones())('%s maps a 112x112 image to the embedding size', (name) => {
    const backbone = createBackbone(name, { embeddingSize: 24 }).eval()
    const shape = noGrad(() => scope(() => backbone.call(ops.zeros([1, 3, 112, 112])).shape))
    backbone.dispose()
    expect(shape).toEqual([1, 24])
  })

  it('passes dropout on', () => {
    const backbone = createBackbone('r10-small', { dropout: 0.4 })
    const dropouts = [...backbone.namedModules()].filter(([, one]) => one instanceof nn.Dropout)
    expect(dropouts).toMatchObject([['dropout', { probability: 0.4 }]])
    backbone.dispose()
  })
})

describe('initialisation', () => {
  const std = (values: Float32Array) =>
    Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length)
  const weight = (backbone: nn.Module, name: string) =>
    backbone.stateDict().get(name)!.toFloat32Array()

  it('IResNet: convolutions from N(0, 0.1), the last scale frozen at 1', () => {
    const backbone = createBackbone('r18')
    expect(std(weight(backbone, 'layer4.1.conv2.weight'))).toBeCloseTo(0.1, 3)
    expect(std(weight(backbone, 'layer4.0.downsample.0.weight'))).toBeCloseTo(0.1, 3)
    const frozen = [...backbone.namedParameters()].filter(([, one]) => !one.requiresGrad)
    expect(frozen.map(([name]) => name)).toEqual(['features.weight'])
    expect(new Set(weight(backbone, 'features.weight'))).toEqual(new Set([1]))
    backbone.dispose()
  })

  it('MobileFaceNet: He by fan-out, convolutions and the linear layer', () => {
    const backbone = createBackbone('mobilefacenet')
    const sigma = (fanOut: number) => Math.sqrt(2 / fanOut)
    expect(std(weight(backbone, 'conv_sep.layers.0.weight')) / sigma(512)).toBeCloseTo(1, 1)
    expect(std(weight(backbone, 'features.layers.2.weight')) / sigma(512)).toBeCloseTo(1, 1)
    const grouped = weight(backbone, 'features.layers.0.layers.0.weight')
    expect(std(grouped) / sigma(512 * 49)).toBeCloseTo(1, 1)
    backbone.dispose()
  })
})

describe('IResNet of other sizes', () => {
  it.each([
    [1, 1, 14],
    [1, 2, 7],
    [2, 1, 7],
    [2, 2, 4],
  ] as const)(
    'stem stride %i and first stride %i end in a map of side %i',
    (stemStride, firstStride, side) => {
      const backbone = new IResNet({
        layers: [1, 1, 1, 1],
        widths: [4, 8, 8, 16],
        stemStride,
        firstStride,
        activation: 'leaky',
        embeddingSize: 8,
        dropout: 0,
      }).eval()
      expect(backbone.stateDict().get('fc.weight')!.shape).toEqual([8, 16 * side * side])
      const out = noGrad(() => scope(() => backbone.call(ops.zeros([2, 3, 112, 112])).shape))
      expect(out).toEqual([2, 8])
      backbone.dispose()
    },
  )
})
