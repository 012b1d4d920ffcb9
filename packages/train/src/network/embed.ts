import type { EmbedFn } from '@arcface/evaluate'
import { autocast, type nn, noGrad, ops, scope, type Tensor, tensor } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'

const SIDE = 112

type Compute = Pick<Config['train'], 'precision' | 'memoryFormat' | 'device'>

/** uint8 N x 112 x 112 x 3 to the network's input: N x 3 x 112 x 112, (p - 127.5) / 127.5. */
export function toInput(images: Uint8Array, n: number, { memoryFormat, device }: Compute): Tensor {
  return scope(() => {
    const shared = tensor(images.subarray(0, n * SIDE * SIDE * 3), [n, SIDE, SIDE, 3], {
      share: true,
    })
    // Bytes travel, a quarter of what float32 would be.
    const there = ops.to(shared, device, 'uint8')
    // Rows of RGB pixels are what channels_last means: the permuted view needs no copy.
    const planes = ops.contiguous(ops.permute(there, [0, 3, 1, 2]), memoryFormat)
    const values = ops.toDtype(planes, 'float32')
    return ops.div_(ops.sub_(values, 127.5), 127.5)
  })
}

/** Embeddings in float32 of a batch that `toInput` made. */
export function embedBatch(backbone: nn.Module, input: Tensor, { precision }: Compute): Tensor {
  return scope(() => {
    const raw =
      precision === 'bf16'
        ? autocast('bfloat16', () => backbone.call(input), deviceType(input.device))
        : backbone.call(input)
    return ops.toDtype(raw, 'float32')
  })
}

const deviceType = (device: string): string => device.split(':')[0] ?? device

/** The network as a function for evaluation: eval mode, no gradients; the mode is put back. */
export function embedder(backbone: nn.Module, compute: Compute): EmbedFn {
  return async (images, n) => {
    const mode = backbone.training
    backbone.eval()
    try {
      return noGrad(() =>
        scope(() => embedBatch(backbone, toInput(images, n, compute), compute).toFloat32Array()),
      )
    } finally {
      backbone.train(mode)
    }
  }
}
