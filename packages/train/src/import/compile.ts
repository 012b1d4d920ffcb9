import { keep, noGrad, type Tensor, tensor } from '@arcface/libtorch'
import type { Pass } from './converter.js'
import { converterOf } from './converters/index.js'
import { fuse } from './fuse.js'
import { type Held, type ImageGraph, readsOf } from './graph.js'
import { Known } from './known.js'
import { refuse } from './refuse.js'
import { type Role, rolesOf } from './roles.js'
import { type Failed, type Program, passOf, runStep, type Step } from './run.js'

/** Numbers that what depends on constants alone may make together; they stay in memory. */
const MOST_FOLDED = 2 ** 28

/** Below it a weight changes nothing, and what is multiplied by it takes a processor many times as long. */
const TINY = 1e-20

/**
 * Makes steps of nodes and tensors of numbers. What depends on constants alone is computed here, once.
 * @param batch images for which the file was written, where it says so
 * @throws TrainError TRAIN_IMPORT for a node that has no converter or that its converter refuses, and for weights that
 *   are not finite
 */
export function compile(graph: ImageGraph, batch: number | undefined, failed: Failed): Program {
  const roles = rolesOf(graph)
  const sorted: Readonly<Record<Role, Map<string, Tensor>>> = {
    parameter: new Map(),
    buffer: new Map(),
    constant: new Map(),
  }
  const slopes = slopesOf(graph)
  for (const [name, held] of graph.held) {
    const role = roles.get(name) ?? 'constant'
    const flat = role === 'parameter' && slopes.has(name)
    const shape = flat ? [held.values.length] : held.shape
    const numbers = role === 'constant' ? held.values : weightsOf(name, held.values)
    sorted[role].set(name, keep(tensor(numbers, shape, { share: true })))
  }
  const { parameter: parameters, buffer: buffers, constant: constants } = sorted
  const steps: Step[] = []
  const pass = passOf(1, false, MOST_FOLDED)
  for (const node of fuse(graph).nodes) {
    const step = { node, run: converterOf(node, new Known(node, constants, graph.held, batch)) }
    if (node.inputs.every((name) => name === '' || constants.has(name)))
      fold(step, constants, pass, failed)
    else steps.push(step)
  }
  const { input, output } = graph
  return { input, output, steps, parameters, buffers, constants }
}

/** What only PRelus read. It is a list as in all other networks of this room: weight decay leaves lists alone. */
function slopesOf(graph: ImageGraph): ReadonlySet<string> {
  const slopes = [...readsOf(graph)].filter(([, reads]) =>
    reads.every(({ node, slot }) => node.type === 'PRelu' && slot === 1),
  )
  return new Set(slopes.map(([name]) => name))
}

function weightsOf(name: string, values: Held['values']): Held['values'] {
  if (!(values instanceof Float32Array)) return values
  if (!values.every(Number.isFinite)) refuse(`its weights "${name}" hold NaN or infinity`)
  return values.map((value) => (Math.abs(value) < TINY ? 0 : value))
}

function fold(step: Step, constants: Map<string, Tensor>, pass: Pass, failed: Failed): void {
  const { node } = step
  const operands = node.inputs.map((name) => constants.get(name))
  try {
    const results = noGrad(() => runStep(step, operands, pass))
    node.outputs.forEach((name, i) => {
      const result = results[i]
      if (result) constants.set(name, keep(result))
    })
  } catch (cause) {
    failed(node, cause)
  }
}
