import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { checkConfig, formatConfig } from './load.js'

const least = { data: { roots: ['faces'] }, model: { backbone: 'r18' } }
const distill = { teacher: 'large' }
const none = { name: 'none' }

describe('a configuration of a distillation', () => {
  it('needs a teacher only, beside a loss or alone, with people or without', () => {
    const defaults = { teacher: 'large', weight: 1, loss: 'cosine', sees: 'clean' }
    for (const given of [
      { ...least, distill },
      { ...least, distill, loss: none },
      { ...least, distill, loss: none, data: { roots: [], unlabelled: ['others'] } },
      { ...least, distill, data: { roots: ['faces'], unlabelled: ['others'] } },
    ]) {
      const config = checkConfig(given)
      expect(config.distill).toMatchObject(defaults)
      expect(checkConfig(parse(formatConfig(config)))).toEqual(config)
    }
    expect(checkConfig(least).distill).toBeNull()
  })

  it.each<[object, RegExp]>([
    [{ distill: { ...distill, weight: 0 } }, /distill\.weight/],
    [{ distill: { ...distill, weight: -1 } }, /distill\.weight/],
    [{ distill: { ...distill, loss: 'cosin' } }, /distill\.loss/],
    [{ distill: { ...distill, see: 'clean' } }, /unknown key distill\.see; did you mean sees\?/],
    [{ distill: {} }, /distill\.teacher/],
    [{ loss: none }, /loss\.name: .*add distill: \{ teacher/],
    [{ distill, loss: { ...none, marginWarmup: 0.5 } }, /loss: none has neither margin/],
    [{ distill, loss: { ...none, scale: 32 } }, /loss: none has no key scale/],
    [{ distill, loss: { ...none, regularizers: [{ name: 'intra' }] } }, /loss: none has neither/],
    [{ distill, loss: none, head: { blocked: true } }, /head: loss none has no centres/],
    [{ distill, loss: none, head: { sample: 0.5 } }, /head: loss none has no centres/],
    [{ distill, loss: none, head: { init: 'means' } }, /head: loss none has no centres/],
    [{ data: { roots: [] } }, /data\.roots: name at least one folder/],
    [{ distill, data: { roots: [], unlabelled: ['x'] } }, /data\.roots: loss arcface needs people/],
    [
      { distill, loss: none, data: { roots: [], unlabelled: ['x'], list: 'clean.txt' } },
      /data\.list/,
    ],
    [{ data: { roots: ['a'], unlabelled: ['x'] } }, /data\.unlabelled: .*only a teacher/],
    [
      { distill, data: { roots: ['a'], unlabelled: ['x'], sampler: { people: 4, images: 2 } } },
      /data\.unlabelled: data\.sampler/,
    ],
    [
      { distill: { ...distill, loss: 'relational' }, train: { microBatch: 8 } },
      /train\.microBatch: distill\.loss relational compares a batch as a whole/,
    ],
  ])('refuses %o', (wrong, message) => {
    expect(() => checkConfig({ ...least, ...wrong })).toThrow(
      expect.objectContaining({ code: 'TRAIN_CONFIG', message: expect.stringMatching(message) }),
    )
  })
})
