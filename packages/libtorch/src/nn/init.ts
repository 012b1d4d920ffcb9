import { noGrad } from '../autograd.js'
import { fill_, normal_, uniform_ } from '../generated/ops.js'
import type { Tensor } from '../tensor.js'

/** Values that reach one output (fan-in) and that one input reaches (fan-out) of a [out, in, ...] weight. */
export function fans(weight: Tensor): { fanIn: number; fanOut: number } {
  const [out = 1, into = 1, ...kernel] = weight.shape
  const area = kernel.reduce((product, side) => product * side, 1)
  return { fanIn: into * area, fanOut: out * area }
}

export const constant = (self: Tensor, value: number): Tensor => noGrad(() => fill_(self, value))

export const normal = (self: Tensor, mean = 0, std = 1): Tensor =>
  noGrad(() => normal_(self, mean, std))

export const uniform = (self: Tensor, from: number, to: number): Tensor =>
  noGrad(() => uniform_(self, from, to))

/** PyTorch's default for convolutions and linear layers: U(-1/sqrt(fanIn), 1/sqrt(fanIn)). */
export function torchDefault(self: Tensor, fanIn: number): Tensor {
  const bound = 1 / Math.sqrt(fanIn)
  return uniform(self, -bound, bound)
}

/** He et al. 2015 for ReLU: N(0, 2/fan). */
export function kaimingNormal(self: Tensor, mode: 'fanIn' | 'fanOut' = 'fanIn'): Tensor {
  return normal(self, 0, Math.sqrt(2 / fans(self)[mode]))
}
