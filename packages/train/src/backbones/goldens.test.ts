import { noGrad, optim, scope, setNumThreads, type Tensor } from '@arcface/libtorch'
import { beforeAll, describe, expect, it } from 'vitest'
import { project } from '../testing/fill.js'
import { golden, type NetworkGolden } from '../testing/goldens.js'
import {
  filledBackbone,
  filledHead,
  filledInput,
  filledLabels,
  type Precision,
} from '../testing/network.js'

beforeAll(() => setNumThreads(2))

function norm(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!
  return Math.sqrt(sum)
}

/** Length of the difference as a share of the golden's. */
const relative = (values: ArrayLike<number>, truth: readonly number[]) =>
  norm(truth.map((x, i) => values[i]! - x)) / norm(truth)

/** One forward and backward pass in training mode; the names are those of the goldens. */
function oneStep(name: string, { step }: NetworkGolden, precision: Precision) {
  const backbone = filledBackbone(name, precision).train()
  const head = filledHead(step, precision)
  const loss = head.call(
    backbone.call(filledInput('batch0', step.batch, precision)),
    filledLabels('labels0', step),
  )
  loss.backward()
  const values = (tensors: Iterable<readonly [string, Tensor | null]>) =>
    new Map(
      [...tensors].flatMap(([key, value]) =>
        value ? [[key, value.toTypedArray() as Float32Array | Float64Array] as const] : [],
      ),
    )
  const named = [...backbone.namedParameters(), ['head.weight', head.weight] as const]
  return {
    loss: loss.item(),
    gradients: values(named.map(([key, parameter]) => [key, parameter.grad])),
    buffers: values(backbone.namedBuffers()),
    [Symbol.dispose]() {
      backbone.dispose()
      head.dispose()
    },
  }
}

/** [L2 norm, projection, entries at 0, 1/3, 2/3 and the end], as the goldens have them. */
function describeValues(name: string, values: ArrayLike<number>): number[] {
  const last = values.length - 1
  const entries = [0, 1, 2, 3].map((j) => values[Math.floor((last * j) / 3)]!)
  return [norm(values), project(name, values), ...entries]
}

describe.each(['r18', 'r50', 'mobilefacenet'])("%s equals PyTorch's", (name) => {
  const truth = golden<NetworkGolden>(name)
  const { gradients, noise, buffers, loss } = truth.step
  const total = norm(Object.values(gradients).map(([length]) => length))

  it.each(['contiguous_format', 'channels_last'] as const)('embedding, %s', (memoryFormat) => {
    scope(() => {
      const backbone = filledBackbone(name, { memoryFormat }).eval()
      const embedding = noGrad(() => backbone.call(filledInput('images', 2, { memoryFormat })))
      const values = embedding.toTypedArray() as Float32Array
      backbone.dispose()
      truth.embedding.forEach((expected, i) => {
        expect(relative(values.subarray(i * 512), expected)).toBeLessThan(1e-5)
      })
    })
  })

  it('gradients of one step, every parameter, in float64', () => {
    scope(() => {
      using step = oneStep(name, truth, { dtype: 'float64' })
      expect(step.loss).toBeCloseTo(loss, 9)
      expect([...step.gradients.keys()].sort()).toEqual(
        [...Object.keys(gradients), ...noise].sort(),
      )
      for (const [key, expected] of Object.entries(gradients)) {
        const found = describeValues(key, step.gradients.get(key)!)
        const error = Math.max(...found.map((value, i) => Math.abs(value - expected[i]!)))
        expect(error / expected[0], key).toBeLessThan(1e-9)
      }
      for (const key of noise)
        expect(norm(step.gradients.get(key)!), key).toBeLessThan(1e-9 * total)
      for (const [key, [length, projection]] of Object.entries(buffers)) {
        const values = step.buffers.get(key)!
        expect(Math.abs(norm(values) / length - 1), key).toBeLessThan(1e-9)
        expect(Math.abs(project(key, values) - projection) / length, key).toBeLessThan(1e-9)
      }
    })
  })

  it('gradients of one step in float32, within 1e-4', () => {
    scope(() => {
      using step = oneStep(name, truth, {})
      expect(Math.abs(step.loss / loss - 1)).toBeLessThan(1e-6)
      // The projections' errors estimate the length of the whole gradient's error.
      const errors = Object.entries(gradients).map(([key, [length, projection]]) => {
        const values = step.gradients.get(key)!
        // Small ones are differences of large sums: PyTorch's own move by more with the thread count.
        if (length > 1e-3 * total)
          expect(Math.abs(norm(values) / length - 1), key).toBeLessThan(1e-4)
        return project(key, values) - projection
      })
      expect(norm(errors) / total).toBeLessThan(1e-4)
    })
  })

  it('loss curve of 30 steps of SGD in float32, within 1e-4', () => {
    const { batches, losses, lr, momentum, weightDecay, clip } = truth.curve
    const memoryFormat = 'channels_last' // as one trains
    const backbone = filledBackbone(name, { memoryFormat }).train()
    const head = filledHead(truth.step)
    const params = [...backbone.namedParameters(), ['head.weight', head.weight] as const]
    const sgd = new optim.SGD([{ params }], { lr, momentum, weightDecay })
    const found = losses.map((_, step) =>
      scope(() => {
        const set = step % batches
        sgd.zeroGrad()
        const loss = head.call(
          backbone.call(filledInput(`batch${set}`, truth.step.batch, { memoryFormat })),
          filledLabels(`labels${set}`, truth.step),
        )
        loss.backward()
        optim.clipGradNorm(backbone.parameters(), clip)
        sgd.step()
        return loss.item()
      }),
    )
    const worst = Math.max(...found.map((loss, step) => Math.abs(loss / losses[step]! - 1)))
    expect(worst).toBeLessThan(1e-4)
    sgd.dispose()
    backbone.dispose()
    head.dispose()
  }, 600_000)
})
