import { nn, noGrad, ops, scope, type Tensor } from '@arcface/libtorch'
import { cosine, IMAGE_BYTES } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { toInput } from '../network/embed.js'
import { images } from '../testing/fill.js'
import { SmallNetwork } from './inversion.test.support.js'
import { type InversionPlan, type Inverted, inversionDefaults, invert } from './invert.js'
import { embeddingAim, observed } from './terms.js'

const DIM = 16
const network = new SmallNetwork(6, 112, DIM)
const compute = { device: 'cpu', memoryFormat: 'channels_last', precision: 'fp32' } as const

const embed = (pixels: Uint8Array, n: number): Float32Array[] => {
  const rows = noGrad(() => scope(() => network.call(toInput(pixels, n, compute)).toFloat32Array()))
  return Array.from({ length: n }, (_, i) => rows.slice(i * DIM, (i + 1) * DIM))
}

const faces = images('invert', 2)
const wanted = embed(faces, 2)
const aim = embeddingAim(Float32Array.of(...wanted[0]!, ...wanted[1]!), DIM)
const plan: InversionPlan = {
  ...inversionDefaults,
  steps: 40,
  seed: 3,
  keys: [0, 1],
  start: null,
  shown: [0, 10],
}

async function run(
  given: Partial<InversionPlan> = {},
  of: nn.Module = network,
): Promise<Inverted[]> {
  const found: Inverted[] = []
  for await (const one of invert({ network: of, device: 'cpu' }, aim, { ...plan, ...given }))
    found.push(one)
  return found
}

describe('pixels', () => {
  it('come to have the embedding that they are led to', async () => {
    const looks = await run()
    expect(looks.map(({ step }) => step)).toEqual([0, 10, 40])
    const near = ({ images }: Inverted) => embed(images, 2).map((one, i) => cosine(one, wanted[i]!))
    const [first, , last] = looks.map(near)
    for (const i of [0, 1]) {
      expect(last![i]).toBeGreaterThan(0.95)
      expect(last![i]).toBeGreaterThan(first![i]! + 0.1)
    }
  })

  it('are the same for the same seed, and others for another', async () => {
    const [once, again, other] = [await run(), await run(), await run({ seed: 4 })]
    expect(again.at(-1)!.images).toEqual(once.at(-1)!.images)
    expect(other.at(-1)!.images).not.toEqual(once.at(-1)!.images)
  })

  it('begin with noise of their own in whatever batch, or with the face that is given', async () => {
    const [noise] = await run({ steps: 1 })
    const [turned] = await run({ steps: 1, keys: [1, 0] })
    const half = (one: Inverted, i: number) =>
      one.images.slice(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES)
    expect(half(turned!, 0)).toEqual(half(noise!, 1))
    const start = faces.slice(0, IMAGE_BYTES)
    const [given] = await run({ steps: 1, start })
    expect(half(given!, 1)).toEqual(start)
  })

  it('are smoother the more that weighs', async () => {
    const roughness = ({ images }: Inverted) => {
      let sum = 0
      for (let i = 3; i < images.length; i++) sum += Math.abs(images[i]! - images[i - 3]!)
      return sum
    }
    const [rough] = (await run({ totalVariation: 0 })).slice(-1)
    const [smooth] = (await run({ totalVariation: 100 })).slice(-1)
    expect(roughness(smooth!)).toBeLessThan(roughness(rough!) / 2)
  })

  it('have features nearer to those of the training where that weighs', async () => {
    const distance = async (batchNorm: number) => {
      const [last] = (await run({ batchNorm, steps: 60 })).slice(-1)
      return noGrad(() =>
        scope(() =>
          observed(() => network.call(toInput(last!.images, 2, compute))).distance!.item(),
        ),
      )
    }
    expect(await distance(5)).toBeLessThan(await distance(0))
  })

  it('are shown as they are when a signal ends the work', async () => {
    const stop = new AbortController()
    const onStep = (step: number) => step === 5 && stop.abort()
    const looks = await run({ signal: stop.signal, onStep })
    expect(looks.map(({ step }) => step)).toEqual([0, 5])
  })

  it('of a network that gives no number are refused', async () => {
    class Broken extends nn.Module {
      override forward(x: Tensor): Tensor {
        return ops.mul(network.call(x), Number.NaN)
      }
    }
    await expect(run({}, new Broken())).rejects.toMatchObject({ code: 'TRAIN_NON_FINITE' })
  })
})
