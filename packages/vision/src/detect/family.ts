import type { Tensors } from '../network/network.js'
import type { Detection } from './detection.js'

/** In pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** How a kind of detector takes a picture and what its outputs mean. */
export interface Family {
  readonly name: string
  /** What its authors count as a face. */
  readonly minScore: number
  /** Boxes of one face overlap more than this. */
  readonly overlap: number
  /** Plausibility of a face beside which no photograph is turned: some 19 of 20 that stand upright have it. */
  readonly sure: number
  readonly order: 'RGB' | 'BGR'
  /** A pixel p goes in as (p - mean) * scale. */
  readonly mean: number
  readonly scale: number
  /** Whether it gives five points; else a network of landmarks does. */
  readonly points: boolean
  /** Whether its graph takes any size, whatever size the file declares. */
  readonly anySize: boolean
  /** Whether a network with outputs of these names is of this kind. */
  fits(outputs: readonly string[]): boolean
  /** Detections in pixels of the network's input; overlapping ones too. */
  read(outputs: Tensors, input: Size, minScore: number): Detection[]
}
