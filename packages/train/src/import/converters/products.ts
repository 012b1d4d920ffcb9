import { ops } from '@arcface/libtorch'
import type { Converter } from '../converter.js'
import { broadcast } from './arithmetic.js'

export const gemm: Converter = (node) => {
  const [alpha, beta] = [node.float('alpha', 1), node.float('beta', 1)]
  const [turnFirst, turnSecond] = [node.int('transA', 0) !== 0, node.int('transB', 0) !== 0]
  return ([first, weight, bias], pass) => {
    const x = turnFirst ? ops.t(first) : first
    if (!bias || beta === 0) {
      const product = turnSecond ? ops.linear(x, weight) : ops.mm(x, weight)
      return alpha === 1 ? product : ops.mul(product, alpha)
    }
    if (turnSecond && alpha === 1 && beta === 1 && bias.shape.length === 1)
      return ops.linear(x, weight, bias)
    pass.allow(node, [x.shape[0] ?? 0, weight.shape[turnSecond ? 0 : 1] ?? 0])
    return ops.addmm(bias, x, turnSecond ? ops.t(weight) : weight, beta, alpha)
  }
}

export const matMul: Converter =
  (node) =>
  ([first, second], pass) => {
    const [a, b] = [first.shape, second.shape]
    const batches = broadcast(a.slice(0, -2), b.slice(0, -2))
    pass.allow(node, [...batches, a.at(-2) ?? 1, b.at(-1) ?? 1])
    return ops.matmul(first, second)
  }
