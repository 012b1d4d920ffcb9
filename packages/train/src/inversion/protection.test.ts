import { cosine } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { numbers } from './inversion.test.support.js'
import { protectionOf } from './protection.js'

const template = Float32Array.from(numbers(128, 9))
const stolen = async (name: string, seed = 1) => protectionOf(name, seed).steal!(template)

describe('what is stolen', () => {
  it('has as many values as the bits allow, by the largest', async () => {
    const eight = await stolen('bits=8')
    const largest = Math.max(...template.map(Math.abs))
    eight.forEach((value, k) => {
      expect(Math.abs(value * largest - template[k]!)).toBeLessThanOrEqual(largest / 254 + 1e-6)
      expect(Math.abs(value * 127 - Math.round(value * 127))).toBeLessThan(1e-4)
    })
    const signs = await stolen('bits=1')
    expect(signs).toEqual(template.map(Math.sign))
    expect(new Set(await stolen('bits=2'))).toEqual(new Set([-1, 0, 1]))
  })

  it('is the beginning of the template', async () => {
    expect(await stolen('dims=7')).toEqual(template.slice(0, 7))
    expect(() => protectionOf('dims=128', 1).steal!(template)).toThrow(/have 128 values/)
  })

  it('is turned by a key of the seed: as long, and elsewhere', async () => {
    const turned = await stolen('rotated')
    expect(Math.hypot(...turned)).toBeCloseTo(Math.hypot(...template), 4)
    // Of two directions in 128 dimensions: six standard deviations.
    expect(Math.abs(cosine(turned, template))).toBeLessThan(6 / Math.sqrt(128))
    expect(await stolen('rotated')).toEqual(turned)
    expect(await stolen('rotated', 2)).not.toEqual(turned)
  })

  it('is the template itself where the network alone is protected', () => {
    expect(protectionOf('folded', 1)).toMatchObject({ hasBatchNorm: false })
    expect(protectionOf('folded', 1).steal).toBeUndefined()
  })
})

it.each(['', 'fold', 'bits', 'bits=0', 'bits=17', 'dims=0', 'dims=1.5', 'bits=8=8', 'rotated=2'])(
  'no protection is called "%s"',
  (name) => {
    expect(() => protectionOf(name, 1)).toThrow(expect.objectContaining({ code: 'TRAIN_CONFIG' }))
  },
)
