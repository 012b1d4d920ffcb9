import { keep, ops, scope, Tensor } from '@arcface/libtorch'
import { countOf } from '../sides.js'
import type { Operands, Operation, Pass } from './converter.js'
import type { GraphNode } from './node.js'

/** A node and what runs it. */
export interface Step {
  readonly node: GraphNode
  readonly run: Operation
}

/** A graph that runs: steps in order over values by their names. */
export interface Program {
  readonly input: string
  readonly output: string
  readonly steps: readonly Step[]
  readonly parameters: ReadonlyMap<string, Tensor>
  readonly buffers: ReadonlyMap<string, Tensor>
  readonly constants: ReadonlyMap<string, Tensor>
}

/** More numbers than a layer of any network makes of an image of 112 x 112, and more than all layers together. */
const LARGEST = 2 ** 26
const ALL = 2 ** 30

/** @param all numbers that all nodes together may make of an image */
export function passOf(batch: number, training: boolean, all = ALL): Pass {
  const images = Math.max(batch, 1)
  let left = all * images
  return {
    training,
    batch,
    allow(node, shape) {
      if (countOf(shape) <= LARGEST * images && shape.every((side) => side >= 0)) return
      node.refuse(`it would make [${shape.slice(0, 8).join(', ')}] of ${batch} images`)
    },
    spend(node, made) {
      for (const { size } of made) left -= size
      if (left < 0) node.refuse('with it the graph makes more numbers than any network')
    },
  }
}

/** What becomes of an error in a step. */
export type Failed = (node: GraphNode, cause: unknown) => never
const pass: Failed = (_node, cause) => {
  throw cause
}

export function runStep(
  { node, run }: Step,
  operands: readonly (Tensor | undefined)[],
  pass: Pass,
): readonly Tensor[] {
  const made = scope(() => run(operands as Operands, pass))
  const results = made instanceof Tensor ? [made] : made
  pass.spend(node, results)
  return results
}

/** Runs a program. Values go as soon as nothing reads them any more; what backward needs libtorch keeps. */
export class Runner {
  readonly #program: Program
  /** Names that no step reads after this one. */
  readonly #done: readonly (readonly string[])[]
  #constants: ReadonlyMap<string, Tensor>
  #place = 'cpu float32'

  constructor(program: Program) {
    this.#program = program
    this.#constants = program.constants
    this.#done = lastReads(program)
  }

  /** @param x [N, ...], as the graph takes it */
  run(x: Tensor, training: boolean, failed: Failed = pass): Tensor {
    const { steps, input, output, parameters, buffers } = this.#program
    this.#follow(x)
    const find = (name: string) =>
      values.get(name) ?? parameters.get(name) ?? buffers.get(name) ?? this.#constants.get(name)
    const pass = passOf(x.shape[0] ?? 0, training)
    const values = new Map([[input, x]])
    const holders = new Map<Tensor, number>() // names of a tensor that was made here
    steps.forEach((step, i) => {
      const operands = step.node.inputs.map(
        (name) =>
          find(name) ?? (name === '' ? undefined : step.node.refuse(`nothing made "${name}"`)),
      )
      const results = attempt(step, operands, pass, failed)
      step.node.outputs.forEach((name, place) => {
        const result = results[place]
        if (!result || name === '') return
        values.set(name, result)
        if (holders.has(result) || !operands.includes(result))
          holders.set(result, (holders.get(result) ?? 0) + 1)
      })
      for (const name of this.#done[i] ?? []) release(name, values, holders)
    })
    return values.get(output) as Tensor
  }

  /** Frees the constants. */
  dispose(): void {
    for (const value of [...this.#program.constants.values(), ...this.#constants.values()])
      value.dispose()
  }

  /** Constants lie where the images do, and are as precise. Those that tell of shapes stay. */
  #follow({ device, dtype }: Tensor): void {
    const place = `${device} ${dtype}`
    if (place === this.#place) return
    this.#place = place
    this.#constants = new Map(
      [...this.#program.constants].map(([name, value]) => [
        name,
        value.dtype.includes('float') ? keep(ops.to(value, device, dtype)) : value,
      ]),
    )
  }
}

function attempt(
  step: Step,
  operands: readonly (Tensor | undefined)[],
  pass: Pass,
  failed: Failed,
): readonly Tensor[] {
  try {
    return runStep(step, operands, pass)
  } catch (cause) {
    return failed(step.node, cause)
  }
}

function release(name: string, values: Map<string, Tensor>, holders: Map<Tensor, number>): void {
  const value = values.get(name)
  values.delete(name)
  const held = value && holders.get(value)
  if (held === undefined) return
  holders.set(value as Tensor, held - 1)
  if (held === 1) value?.dispose()
}

/** For each step the names that it is the last to read or that nothing reads, the output's aside. */
function lastReads({ steps, output }: Program): string[][] {
  const last = new Map<string, number>()
  steps.forEach(({ node }, i) => {
    for (const name of [...node.inputs, ...node.outputs]) last.set(name, i)
  })
  const done: string[][] = steps.map(() => [])
  for (const [name, i] of last) if (name !== output) done[i]?.push(name)
  return done
}
