import { noGrad, ops, scope, type Tensor, tensor } from '@arcface/libtorch'
import { describe, expect, it } from 'vitest'
import { Drawing, pixels } from '../import/graphs.test.support.js'
import { importOnnx } from '../import/index.js'
import { createLoss } from '../losses/index.js'
import { numbers, SmallNetwork, slopes } from './inversion.test.support.js'
import { classAim, embeddingAim, observed, squaredLength, totalVariation } from './terms.js'

const [N, SIDE, DIM] = [3, 8, 5]
const input = () => tensor(numbers(N * 3 * SIDE * SIDE, 3), [N, 3, SIDE, SIDE])

function expectSlopes(f: (x: Tensor) => Tensor): void {
  scope(() => {
    const x = input()
    x.requiresGrad = true
    f(x).backward()
    const found = Array.from(x.grad!.toTypedArray() as Float64Array)
    const wanted = slopes(f, x.detach())
    const largest = Math.max(...wanted.map(Math.abs))
    expect(largest).toBeGreaterThan(0)
    found.forEach((one, i) => {
      expect(Math.abs(one - wanted[i]!)).toBeLessThan(1e-6 * largest)
    })
  })
}

describe('each term has the slope that differences show', () => {
  const network = new SmallNetwork(4, SIDE, DIM).to({ dtype: 'float64' })
  const templates = Float32Array.from(numbers(N * DIM, 5))

  it('smoothness and length of pixels', () => {
    expectSlopes(totalVariation)
    expectSlopes(squaredLength)
  })

  it('the distance of statistics', () => {
    expectSlopes((x) => observed(() => network.call(x)).distance!)
  })

  it('templates, whole and in part', () => {
    expectSlopes((x) => embeddingAim(templates, DIM)(network.call(x)))
    expectSlopes((x) => embeddingAim(templates.slice(0, N * 2), 2)(network.call(x)))
  })

  it.each(['arcface', 'softmax'])('classes of %s', (name) => {
    const head = createLoss({ name }, { classes: 4, dim: DIM }).to({ dtype: 'float64' }).eval()
    noGrad(() => ops.copy_(head.centres!, tensor(numbers(4 * DIM, 8), [4, DIM])))
    expectSlopes((x) => classAim(head, [2, 0, 3])(network.call(x)))
  })
})

describe('values', () => {
  it('are those of the formulas', () => {
    scope(() => {
      // Across 1 and 3, down 2 and 4: (1 + 9) / 2 + (4 + 16) / 2.
      const x = tensor(Float64Array.of(0, 1, 2, 5), [1, 1, 2, 2])
      expect(totalVariation(x).item()).toBeCloseTo(15, 12)
      expect(squaredLength(x).item()).toBeCloseTo(30 / 4, 12)
      const rows = tensor(Float64Array.of(3, 4, 1, 0), [2, 2])
      // Cosines of (3, 4) with (1, 0) and of (1, 0) with (0, 2): 0.6 and 0.
      expect(embeddingAim(Float32Array.of(1, 0, 0, 2), 2)(rows).item()).toBeCloseTo(1 - 0.3, 7)
    })
  })

  it('of statistics are those of plain loops, for a network of ours', () => {
    const network = new SmallNetwork(4, SIDE, DIM).to({ dtype: 'float64' })
    const state = (name: string) => network.stateDict().get(name)!.toTypedArray() as Float64Array
    const [kernel, mean, variance] = ['conv.weight', 'norm.running_mean', 'norm.running_var'].map(
      state,
    )
    const x = numbers(N * 3 * SIDE * SIDE, 3)
    const features = (channel: number) =>
      Array.from({ length: N * SIDE * SIDE }, (_, i) => {
        const [image, place] = [Math.floor(i / SIDE ** 2), i % SIDE ** 2]
        const at = (colour: number) => x[(image * 3 + colour) * SIDE ** 2 + place]!
        return [0, 1, 2].reduce((sum, c) => sum + kernel![channel * 3 + c]! * at(c), 0)
      })
    const wanted = distance([0, 1, 2, 3].map(features), mean!, variance!)
    const found = scope(() => observed(() => network.call(input())).distance!.item())
    expect(found).toBeCloseTo(wanted, 10)
  })

  it('and for an imported one, whose output stays what it was', () => {
    const draw = (norm: boolean) => {
      const g = new Drawing()
      const x = g.features()
      const variance = () => g.constant(Float32Array.of(1, 2, 3, 4), [4], 'var')
      const inputs = norm ? [x, g.weights(4), g.weights(4), g.weights(4), variance()] : [x]
      return g.embedding(g.add(norm ? 'BatchNormalization' : 'Identity', inputs))
    }
    const [plain, network] = [
      importOnnx(draw(false), 'plain').eval(),
      importOnnx(draw(true), 'norm').eval(),
    ]
    const images = tensor(pixels(N), [N, 3, 112, 112])
    // The embedding of the plain one is its features, [N, 4 x 8 x 8].
    const rows = noGrad(() => scope(() => plain.call(images).toFloat32Array()))
    const features = [0, 1, 2, 3].map((c) =>
      Array.from({ length: N * 64 }, (_, i) => rows[(Math.floor(i / 64) * 4 + c) * 64 + (i % 64)]!),
    )
    const mean = network.stateDict().get('w2')!.toFloat32Array()
    scope(() => {
      const { output, distance: found } = observed(() => network.call(images))
      expect(found!.item() / distance(features, mean, [1, 2, 3, 4])).toBeCloseTo(1, 5)
      expect(output.toFloat32Array()).toEqual(scope(() => network.call(images).toFloat32Array()))
      expect(observed(() => plain.call(images)).distance).toBeNull()
    })
  })
})

/** ||means - kept|| / ||deviations|| + ||variances - kept|| / ||variances|| of the values of each channel. */
function distance(
  features: readonly (readonly number[])[],
  means: ArrayLike<number>,
  variances: ArrayLike<number>,
): number {
  const mean = (of: readonly number[]) => of.reduce((sum, one) => sum + one, 0) / of.length
  const found = features.map((of) => {
    const middle = mean(of)
    return [middle, mean(of.map((one) => (one - middle) ** 2))] as const
  })
  const kept = Array.from(variances)
  return (
    Math.hypot(...found.map(([middle], c) => middle - means[c]!)) /
      Math.hypot(...kept.map(Math.sqrt)) +
    Math.hypot(...found.map(([, spread], c) => spread - kept[c]!)) / Math.hypot(...kept)
  )
}
