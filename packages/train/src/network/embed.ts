import type { EmbedFn } from '@arcface/evaluate'
import {
  autocast,
  type DType,
  type nn,
  noGrad,
  ops,
  scope,
  type Tensor,
  tensor,
  upload,
} from '@arcface/libtorch'
import type { Config } from '../config/schema.js'

const SIDE = 112

type Compute = Pick<Config['train'], 'precision' | 'memoryFormat' | 'device'>

/** uint8 N x 112 x 112 x 3 to the network's input: N x 3 x 112 x 112, (p - 127.5) / 127.5. */
export const toInput = (images: Uint8Array, n: number, compute: Compute): Tensor =>
  scope(() => inputOf(bytesOf(images, n, compute), compute))

/** The bytes on the device, [N, 112, 112, 3]: a quarter of what float32 would be travels. */
export const bytesOf = (
  images: Uint8Array,
  n: number,
  { device }: Pick<Compute, 'device'>,
): Tensor =>
  scope(() => {
    const bytes = images.subarray(0, n * SIDE * SIDE * 3)
    return upload(tensor(bytes, [n, SIDE, SIDE, 3], { share: true }), device)
  })

/** `toInput` of `bytesOf`. */
export function inputOf(bytes: Tensor, { memoryFormat }: Pick<Compute, 'memoryFormat'>): Tensor {
  return scope(() => {
    // Rows of RGB pixels are what channels_last means: the permuted view needs no copy.
    const planes = ops.contiguous(ops.permute(bytes, [0, 3, 1, 2]), memoryFormat)
    const values = ops.toDtype(planes, 'float32')
    return ops.div_(ops.sub_(values, 127.5), 127.5)
  })
}

/** What products are computed in where it is not float32. */
export const halves: Partial<Record<Compute['precision'], DType>> = {
  bf16: 'bfloat16',
  fp16: 'float16',
}

/** Embeddings in float32 of a batch that `toInput` made. */
export function embedBatch(backbone: nn.Module, input: Tensor, { precision }: Compute): Tensor {
  return scope(() => {
    const half = halves[precision]
    const raw = half
      ? autocast(half, () => backbone.call(input), deviceType(input.device))
      : backbone.call(input)
    return ops.toDtype(raw, 'float32')
  })
}

export const deviceType = (device: string): string => device.split(':')[0] ?? device

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
