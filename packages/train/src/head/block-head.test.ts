import { existsSync, readFileSync } from 'node:fs'
import { manualSeed, ops, tensor } from '@arcface/libtorch'
import { describe, expect, it } from 'vitest'
import { createLoss, type LossOptions } from '../losses/index.js'
import { blockHead } from './block-head.js'
import { BlockedHead } from './blocked-head.js'

const [classes, dim] = [12, 64]
const cpuinfo = '/proc/cpuinfo'
const processor = existsSync(cpuinfo) ? readFileSync(cpuinfo, 'utf8') : ''
const settings = { device: 'cpu', precision: 'fp32' } as const
const built = (
  options: LossOptions,
  head: { blocked: boolean | null; sample: number },
  more: { device?: string; precision?: 'fp32' | 'bf16' } = {},
) => blockHead(createLoss(options, { classes, dim }), head, classes, { ...settings, ...more })

describe('blockHead', () => {
  it('takes blocks where they are wanted or classes are sampled, else the loss as it is', () => {
    const [arcface, softmax] = [{ name: 'arcface' }, { name: 'softmax' }]
    expect(built(arcface, { blocked: true, sample: 1 })).toBeInstanceOf(BlockedHead)
    expect(built(arcface, { blocked: null, sample: 0.5 })).toBeInstanceOf(BlockedHead)
    for (const blocked of [null, false])
      expect(built(arcface, { blocked, sample: 1 })).not.toBeInstanceOf(BlockedHead)
    const many = createLoss(arcface, { classes: 10_000, dim: 2 })
    expect(blockHead(many, { blocked: null, sample: 1 }, 10_000, settings)).toBeInstanceOf(
      BlockedHead,
    )
    expect(built(softmax, { blocked: null, sample: 1 })).not.toBeInstanceOf(BlockedHead)
  })

  it.each<[string, LossOptions, { blocked: boolean | null; sample: number }]>([
    ['another loss', { name: 'softmax' }, { blocked: true, sample: 1 }],
    ['another loss, sampled', { name: 'adaface' }, { blocked: null, sample: 0.5 }],
    ['no blocks', { name: 'arcface' }, { blocked: false, sample: 0.5 }],
    [
      'regularizers',
      { name: 'arcface', regularizers: [{ name: 'center' }] },
      { blocked: true, sample: 1 },
    ],
  ])('refuses what it cannot do: %s', (_, options, head) => {
    expect(() => built(options, head)).toThrow(
      expect.objectContaining({
        code: 'TRAIN_LOSS',
        message: expect.stringMatching(/head.sample/),
      }),
    )
  })

  it.skipIf(!processor.includes('avx512_bf16'))(
    'multiplies in bfloat16 with train.precision bf16 (needs a processor that does)',
    () => {
      const lossWith = (precision: 'fp32' | 'bf16') => {
        manualSeed(1)
        const head = built({ name: 'arcface' }, { blocked: true, sample: 1 }, { precision })
        return head.call(ops.randn([1, dim]), tensor([0], [1], { dtype: 'int64' })).item()
      }
      expect(lossWith('bf16')).not.toBe(lossWith('fp32'))
      expect(lossWith('bf16') / lossWith('fp32')).toBeCloseTo(1, 2)
    },
  )
})
