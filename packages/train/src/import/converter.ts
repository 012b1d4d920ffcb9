import type { Tensor } from '@arcface/libtorch'
import type { Known } from './known.js'
import type { GraphNode } from './node.js'

/** One forward pass. */
export interface Pass {
  readonly training: boolean
  /** Images. */
  readonly batch: number
  /** Refuses a result of more numbers than any network makes of so many images. Of those that may grow, before they are made. */
  allow(node: GraphNode, shape: readonly number[]): void
  /** Counts what a node has made. */
  spend(node: GraphNode, made: readonly Tensor[]): void
}

/** A node's inputs; those left out are undefined. The first ones, as many as the converter asked for, are there. */
export type Operands = readonly [Tensor, Tensor, ...(Tensor | undefined)[]]

/** Runs a node. */
export type Operation = (operands: Operands, pass: Pass) => Tensor | readonly Tensor[]

/** Reads what a node says, refuses what cannot be done, and gives what runs it. */
export type Converter = (node: GraphNode, known: Known) => Operation

/** A converter of nodes that have at least so many inputs. */
export const takes =
  (count: number, converter: Converter): Converter =>
  (node, known) => {
    for (let i = 0; i < count; i++)
      if (!node.inputs[i]) node.refuse(`it has no input ${i + 1}, it wants ${count}`)
    return converter(node, known)
  }
