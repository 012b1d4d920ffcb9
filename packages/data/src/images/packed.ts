import type { ImageRef } from './source.js'

/** Places of many images in arrays that threads share: millions of records cost 16 bytes each, once. */
export interface PackedImages {
  /** Every path once. */
  paths: string[]
  /** Position in `paths` of each image. */
  path: Uint32Array
  /** First byte of each record, -1 for a file of its own. */
  offset: Float64Array
  length: Uint32Array
}

export function packImages(images: readonly ImageRef[]): PackedImages {
  const n = images.length
  const packed: PackedImages = {
    paths: [],
    path: new Uint32Array(new SharedArrayBuffer(4 * n)),
    offset: new Float64Array(new SharedArrayBuffer(8 * n)),
    length: new Uint32Array(new SharedArrayBuffer(4 * n)),
  }
  const known = new Map<string, number>()
  images.forEach(({ path, offset, length }, i) => {
    let position = known.get(path)
    if (position === undefined) {
      position = packed.paths.push(path) - 1
      known.set(path, position)
    }
    packed.path[i] = position
    packed.offset[i] = offset ?? -1
    packed.length[i] = length ?? 0
  })
  return packed
}

export function packedImage({ paths, path, offset, length }: PackedImages, i: number): ImageRef {
  const file = { path: paths[path[i]!]! }
  return offset[i]! < 0 ? file : { ...file, offset: offset[i]!, length: length[i]! }
}
