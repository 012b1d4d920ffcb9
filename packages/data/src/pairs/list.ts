import type { ImageSource } from '../images/source.js'

/** Pairs of images for verification, in file order: fold f holds pairs f * P / folds to (f + 1) * P / folds - 1. */
export interface PairList {
  /** Every image once. */
  images: ImageSource[]
  /** Position in `images` of each pair's first image. */
  a: Int32Array
  /** Position in `images` of each pair's second image. */
  b: Int32Array
  /** 1 where both show the same person, else 0. */
  same: Uint8Array
  folds: number
}

/** Where a list does not say: as LFW has it, RFW, and InsightFace for its `.bin` sets. */
export const FOLDS = 10

/** Pairs of image files. */
export interface FilePairs extends PairList {
  /** Every image once, by path. */
  images: string[]
}

/** Gathers pairs of paths, each path once. */
export class PairsBuilder {
  readonly #positions = new Map<string, number>()
  readonly #a: number[] = []
  readonly #b: number[] = []
  readonly #same: number[] = []

  get length(): number {
    return this.#same.length
  }

  add(first: string, second: string, same: boolean): void {
    this.#a.push(this.#positionOf(first))
    this.#b.push(this.#positionOf(second))
    this.#same.push(same ? 1 : 0)
  }

  build(folds: number): FilePairs {
    return {
      images: [...this.#positions.keys()],
      a: Int32Array.from(this.#a),
      b: Int32Array.from(this.#b),
      same: Uint8Array.from(this.#same),
      folds,
    }
  }

  #positionOf(path: string): number {
    const known = this.#positions.get(path)
    if (known !== undefined) return known
    this.#positions.set(path, this.#positions.size)
    return this.#positions.size - 1
  }
}
