import type { Impostors } from '@arcface/onnx'

/** The tail of impostors' cosines; see `impostorsSchema`. */
export type Tail = NonNullable<Impostors['tail']>

/** The cosine that the share `far` of the pairs exceeds, `far` not above the tail's rate. */
export function tailCosine({ level, rate, shape, scale }: Tail, far: number): number {
  const log = Math.log(rate / far)
  const stretch = Math.abs(shape) < 1e-9 ? log : Math.expm1(shape * log) / shape
  return level + scale * stretch
}
