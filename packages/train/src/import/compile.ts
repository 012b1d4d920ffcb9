import { keep, noGrad, type Tensor, tensor } from '@arcface/libtorch'
import { converterOf } from './converters/index.js'
import type { Held, ImageGraph } from './graph.js'
import { Known } from './known.js'
import { refuse } from './refuse.js'
import { rolesOf } from './roles.js'
import { type Failed, type Program, passOf, runStep, type Step } from './run.js'

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
  const sorted = { parameter: new Map(), buffer: new Map(), constant: new Map() } as const
  for (const [name, held] of graph.held) {
    const role = roles.get(name) ?? 'constant'
    ;(sorted[role] as Map<string, Tensor>).set(name, tensorOf(name, held, role !== 'constant'))
  }
  const constants: Map<string, Tensor> = sorted.constant
  const steps: Step[] = []
  for (const node of graph.nodes) {
    const step = { node, run: converterOf(node, new Known(node, constants, batch)) }
    if (node.inputs.every((name) => name === '' || constants.has(name)))
      fold(step, constants, failed)
    else steps.push(step)
  }
  const { input, output } = graph
  return { input, output, steps, parameters: sorted.parameter, buffers: sorted.buffer, constants }
}

function tensorOf(name: string, { shape, values }: Held, weight: boolean): Tensor {
  if (weight && values instanceof Float32Array) {
    if (!values.every(Number.isFinite)) refuse(`its weights "${name}" hold NaN or infinity`)
    for (let i = 0; i < values.length; i++) if (Math.abs(values[i] as number) < TINY) values[i] = 0
  }
  return keep(tensor(values, shape, { share: true }))
}

function fold({ node, run }: Step, constants: Map<string, Tensor>, failed: Failed): void {
  const operands = node.inputs.map((name) => constants.get(name))
  try {
    const results = noGrad(() => runStep({ node, run }, operands, passOf(1, false)))
    node.outputs.forEach((name, i) => {
      const result = results[i]
      if (result) constants.set(name, keep(result))
    })
  } catch (cause) {
    failed(node, cause)
  }
}
