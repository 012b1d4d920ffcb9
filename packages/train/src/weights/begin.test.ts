import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Weights, writeParams, writeTorch } from '@arcface/data/weights'
import { liveTensors, type nn, saveSafetensors, type Tensor } from '@arcface/libtorch'
import { afterAll, describe, expect, it } from 'vitest'
import { createBackbone } from '../backbones/index.js'
import { beginWith } from './begin.js'

const room = mkdtempSync(join(tmpdir(), 'begin-'))
const path = (name: string) => join(room, name)
const make = (embeddingSize = 8) => createBackbone('r18', { embeddingSize, dropout: 0 })
const source = make()
afterAll(() => source.dispose())

const arrays = (rename: (name: string) => string): Weights =>
  new Map(
    [...source.stateDict()].map(([name, value]) => [
      rename(name),
      {
        dtype: value.dtype as 'float32',
        shape: [...value.shape],
        data: value.toTypedArray() as Float32Array,
      },
    ]),
  )

/** Names of an r18 as InsightFace's MXNet code gives them, written down from its symbol: [theirs, ours]. */
function mxnetPairs(): [string, string][] {
  const bn = ['gamma:weight', 'beta:bias', 'moving_mean:running_mean', 'moving_var:running_var']
  const layer = (theirs: string, ours: string, kinds: string[]): [string, string][] =>
    kinds.map((kind) => {
      const [a, b] = kind.split(':') as [string, string]
      const group = a.startsWith('moving') ? 'aux' : 'arg'
      return [`${group}:${theirs}_${a}`, `${ours}.${b}`]
    })
  const conv = ['weight:weight']
  const prelu = ['gamma:weight']
  const units = [1, 2, 3, 4].flatMap((stage) =>
    [1, 2].flatMap((unit) => {
      const at = (name: string) => `stage${stage}_unit${unit}_${name}`
      const to = (name: string) => `layer${stage}.${unit - 1}.${name}`
      return [
        ...['bn1', 'bn2', 'bn3'].flatMap((name) => layer(at(name), to(name), bn)),
        ...['conv1', 'conv2'].flatMap((name) => layer(at(name), to(name), conv)),
        ...layer(at('relu1'), to('prelu'), prelu),
        ...(unit === 1
          ? [
              ...layer(at('conv1sc'), to('downsample.0'), conv),
              ...layer(at('sc'), to('downsample.1'), bn),
            ]
          : []),
      ]
    }),
  )
  return [
    ...layer('conv0', 'conv1', conv),
    ...layer('bn0', 'bn1', bn),
    ...layer('relu0', 'prelu', prelu),
    ...units,
    ...layer('bn1', 'bn2', bn),
    ...layer('pre_fc1', 'fc', ['weight:weight', 'bias:bias']),
    ...layer('fc1', 'features', bn),
  ]
}

const counter = (name: string) => name.endsWith('num_batches_tracked')
const bytes = (value: Tensor) => {
  const { buffer, byteOffset, byteLength } = value.toTypedArray()
  return Buffer.from(buffer, byteOffset, byteLength)
}
const same = (network: nn.Module, name: string) =>
  bytes(network.stateDict().get(name)!).equals(bytes(source.stateDict().get(name)!))

describe('weights to begin with', () => {
  const names = [...source.stateDict().keys()]

  it.each<[string, () => void]>([
    ['all.safetensors', () => saveSafetensors(path('all.safetensors'), source.stateDict())],
    [
      'ddp.pth',
      () =>
        writeTorch(
          path('ddp.pth'),
          arrays((name) => `module.${name}`),
        ),
    ],
    ...['model.', '_orig_mod.', 'features.module.', 'a.b.layer1.0.'].map(
      (prefix): [string, () => void] => [
        `${prefix}safetensors`,
        () => {
          const state = [...source.stateDict()].map(
            ([name, value]) => [prefix + name, value] as const,
          )
          saveSafetensors(path(`${prefix}safetensors`), new Map(state))
        },
      ],
    ),
    [
      'r18-0000.params',
      () => {
        const theirs = new Map(mxnetPairs().map(([a, b]) => [b, a]))
        const kept = [...arrays((name) => theirs.get(name) ?? '')].filter(([name]) => name !== '')
        writeParams(path('r18-0000.params'), new Map(kept))
      },
    ],
  ])('come from %s, all of them', (file, write) => {
    write()
    const network = make()
    const before = liveTensors()
    const report = beginWith(path(file), network, 8)
    expect(liveTensors()).toBe(before)
    // Which MXNet does not count: no loss.
    const counters = file.endsWith('.params') ? names.filter(counter) : []
    expect(report).toEqual({
      path: path(file),
      matched: names.length - counters.length,
      missing: [],
      unexpected: [],
      reshaped: [],
    })
    expect(names.filter((name) => !counter(name) && !same(network, name))).toEqual([])
    network.dispose()
  })

  it('are taken as far as they fit, with a report', () => {
    saveSafetensors(path('other.safetensors'), source.stateDict())
    const network = make(16)
    const report = beginWith(path('other.safetensors'), network, 16)
    expect(report.reshaped.sort()).toEqual(
      names.filter((name) => /^(fc|features)\./.test(name) && !counter(name)).sort(),
    )
    expect(report.matched).toBe(names.length - report.reshaped.length)
    expect(same(network, 'conv1.weight')).toBe(true)
    network.dispose()
  })

  it('are found among others, whatever stands before their names', () => {
    const [conv] = source.parameters()
    const state = [...source.stateDict()].map(([name, value]) => [`net.${name}`, value] as const)
    saveSafetensors(path('lightning.safetensors'), new Map([...state, ['head.kernel', conv!]]))
    const network = make()
    expect(beginWith(path('lightning.safetensors'), network, 8)).toMatchObject({
      matched: names.length,
      missing: [],
      unexpected: ['head.kernel'],
    })
    network.dispose()
  })

  it('of another backbone are refused: what fits is next to nothing, and named', () => {
    const small = createBackbone('r10-small', { embeddingSize: 8, dropout: 0 })
    saveSafetensors(path('small.safetensors'), small.stateDict())
    const shapes = (of: nn.Module) =>
      new Map([...of.stateDict()].map(([k, v]) => [k, v.shape.join()]))
    const [theirs, ours] = [shapes(small), shapes(source)]
    small.dispose()
    // By name and shape there is more than nothing.
    expect([...ours].filter(([name, shape]) => theirs.get(name) === shape).length).toBeGreaterThan(
      19,
    )
    expect(() => beginWith(path('small.safetensors'), source, 8)).toThrow(
      expect.objectContaining({
        code: 'TRAIN_WEIGHTS',
        message: expect.stringMatching(
          /bring \d\.\d % .*conv1\.weight: \[32, 3, 3, 3\], in the network \[64, 3, 3, 3\].*missing, as prelu\.weight/,
        ),
      }),
    )
  })

  it('with NaN or infinite values are refused, and the tensor is named', () => {
    for (const [value, name] of [
      [Number.NaN, 'layer3.1.conv1.weight'],
      [Number.NEGATIVE_INFINITY, 'bn1.running_var'],
    ] as const) {
      const weights = arrays((same) => same)
      const { shape, dtype, data } = weights.get(name)!
      weights.set(name, { shape, dtype, data: (data as Float32Array).slice().fill(value, 1, 3) })
      writeTorch(path('nan.pth'), weights)
      const network = make()
      const message = expect.stringContaining(`2 of the ${data.length} values of ${name} are NaN`)
      expect(() => beginWith(path('nan.pth'), network, 8)).toThrow(
        expect.objectContaining({ code: 'TRAIN_WEIGHTS', message }),
      )
      network.dispose()
    }
  })

  it('that fit nowhere, or are none, are refused', () => {
    saveSafetensors(path('strange.safetensors'), new Map([['a', source.parameters()[0]!]]))
    writeFileSync(path('broken.pth'), 'no weights')
    for (const [file, code] of [
      ['strange.safetensors', 'TRAIN_WEIGHTS'],
      ['broken.pth', 'DATA_PICKLE'],
      ['none.safetensors', 'TORCH_FILE'],
    ] as const)
      expect(() => beginWith(path(file), source, 8)).toThrow(expect.objectContaining({ code }))
  })
})
