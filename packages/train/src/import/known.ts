import type { Tensor } from '@arcface/libtorch'
import type { Held } from './graph.js'
import type { GraphNode } from './node.js'

/** What is known of a node's inputs before anything runs: constants. */
export class Known {
  constructor(
    private readonly node: GraphNode,
    private readonly constants: ReadonlyMap<string, Tensor>,
    private readonly held: ReadonlyMap<string, Held>,
    /** Images for which the file was written, where it says so. */
    readonly batch: number | undefined,
  ) {}

  has(index: number): boolean {
    return Boolean(this.node.inputs[index])
  }

  /** The shape that the file gives to numbers that it holds. */
  shapeInFile(index: number): readonly number[] | undefined {
    return this.held.get(this.node.inputs[index] ?? '')?.shape
  }

  constant(index: number): Tensor | undefined {
    return this.constants.get(this.node.inputs[index] ?? '')
  }

  /** The value of a constant with one number. */
  scalar(index: number): number | undefined {
    const found = this.constant(index)
    return found?.size === 1 ? found.item() : undefined
  }

  /** The value of a constant with one number, or `byDefault` where the input is left out. @throws as `refuse` for all else */
  setting<T>(index: number, byDefault: T): number | T {
    if (!this.has(index)) return byDefault
    return this.scalar(index) ?? this.node.refuse(`its input ${index + 1} is not one fixed number`)
  }

  /** Reads the numbers of an input that tells of shapes; once if it is a constant. */
  integers(index: number): (operands: readonly (Tensor | undefined)[]) => number[] {
    const fixed = this.constant(index)
    const list = fixed && integersOf(fixed)
    return (operands) => list ?? integersOf(operands[index] as Tensor)
  }
}

export const integersOf = (tensor: Tensor): number[] => Array.from(tensor.toTypedArray(), Number)
