/** A row of numbers an image. */
export interface Rows {
  readonly data: Float32Array<ArrayBuffer>
  readonly dim: number
}

/** Rows of float32 as NumPy writes them, version 1.0. */
export function rowsOfNpy(bytes: ArrayBuffer): Rows {
  const start = 10 + new DataView(bytes).getUint16(8, true)
  const head = new TextDecoder('latin1').decode(bytes.slice(0, start))
  const [, dim] = /'shape': \(\d+, (\d+)\)/.exec(head) ?? []
  if (dim === undefined || !head.includes("'<f4'")) throw new TypeError('no rows of float32')
  return { data: new Float32Array(bytes.slice(start)), dim: Number(dim) }
}
