// Tensors and gradients of libtorch: node autograd.mjs
import { grad, ops, scope, tensor } from '@arcface/libtorch'

scope(() => {
  const x = tensor([1, 2, 3])
  x.requiresGrad = true
  const loss = ops.sum(ops.mul(x, x))
  const [gradient] = grad([loss], [x])
  console.log(loss.item(), gradient.toFloat32Array()) // 14 and 2 x
}) // its tensors are freed here
