import { type DType, type MemoryFormat, type nn, noGrad, ops, tensor } from '@arcface/libtorch'
import { createBackbone } from '../backbones/index.js'
import { UnifiedMargin } from '../losses/index.js'
import { images, labels, stateValues, uniform } from './fill.js'
import type { NetworkGolden } from './goldens.js'

export interface Precision {
  dtype?: DType
  memoryFormat?: MemoryFormat
}

/** A backbone with the weights of the goldens. */
export function filledBackbone(name: string, precision: Precision = {}): nn.Module {
  const backbone = createBackbone(name)
  const state = backbone.stateDict()
  const values = stateValues(new Map([...state].map(([key, value]) => [key, value.shape])))
  noGrad(() => {
    for (const [key, value] of state) {
      using filled = tensor(values.get(key)!, value.shape)
      ops.copy_(value, filled)
    }
  })
  return backbone.to(precision)
}

/** Images of the goldens as a network's input. */
export function filledInput(
  name: string,
  count: number,
  { dtype = 'float32', memoryFormat = 'contiguous_format' }: Precision = {},
) {
  const pixels = tensor(images(name, count), [count, 112, 112, 3])
  const planes = ops.contiguous(ops.permute(pixels, [0, 3, 1, 2]), memoryFormat)
  return ops.div(ops.sub(ops.toDtype(planes, dtype), 127.5), 127.5)
}

export function filledLabels(name: string, { batch, classes }: NetworkGolden['step']) {
  return tensor(labels(name, batch, classes), [batch], { dtype: 'int64' })
}

/** The head of the goldens. */
export function filledHead(
  { classes, scale, margin, headHalf }: NetworkGolden['step'],
  { dtype = 'float32' }: Precision = {},
): UnifiedMargin {
  const head = new UnifiedMargin({ classes, dim: 512 }, { scale, m1: 1, m2: margin, m3: 0 })
  const values = tensor(uniform('head.weight', classes * 512, 0, headHalf), [classes, 512])
  noGrad(() => ops.copy_(head.weight, values))
  return head.to({ dtype })
}
