import type { Rewriting } from './rewriting.js'

const KEEP_SIDES = new Set([
  'Add',
  'AveragePool',
  'BatchNormalization',
  'Clip',
  'GlobalAveragePool',
  'LeakyRelu',
  'MaxPool',
  'PRelu',
  'Relu',
  'Sigmoid',
])

/** The values that are known to be N x C x height x width. */
export function imagesIn({ nodes, constants }: Rewriting): Set<string> {
  const images = new Set<string>()
  for (const { opType, input, output } of nodes) {
    const isImage =
      opType === 'Conv'
        ? constants.get(input[1] ?? '')?.dims.length === 4
        : KEEP_SIDES.has(opType) && input.slice(0, 2).some((name) => images.has(name))
    if (isImage && output[0] !== undefined) images.add(output[0])
  }
  return images
}
