import { type nn, noGrad, ops, scope, type Tensor } from '@arcface/libtorch'

/** The first part of a step that is NaN or infinite, in the order of the computation. */
export function nonFinitePart({
  embeddings,
  loss,
  backbone,
  head,
}: {
  embeddings: Tensor
  loss: Tensor
  backbone: nn.Module
  head: nn.Module
}): string {
  if (!allFinite(embeddings)) return 'an embedding'
  if (!allFinite(loss)) return 'the loss'
  for (const [part, module] of Object.entries({ head, backbone }))
    for (const [name, { grad }] of module.namedParameters())
      if (grad && !allFinite(grad)) return `the gradient of ${part}.${name}`
  return 'the norm of the gradients'
}

const allFinite = (values: Tensor): boolean =>
  noGrad(() => scope(() => ops.all(ops.isfinite(values)).item() === 1))
