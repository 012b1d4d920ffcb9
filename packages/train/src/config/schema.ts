import { z } from 'zod'
import { trainedLossSchema } from '../losses/registry.js'
import { checkDistillation, distill } from './distillation.js'
import { backboneFromFile, model, wrongWithFile } from './model.js'

// The one place that says what a configuration holds, with `model` and `distill` in files of their own beside.
// examples/reference.yaml shows every key with its default and a comment; a test compares the two.

const fraction = z.number().min(0).max(1)
const factor = z.number().min(0).max(10).default(0)
const natural = z.int().min(0)

const augment = z.strictObject({
  /** Mirror every second image. */
  flip: z.boolean().default(true),
  /** Largest shift along each axis, in pixels. */
  translate: z.number().min(0).max(56).default(0),
  /** Largest relative change of size. */
  scale: fraction.default(0),
  /** Largest rotation, in degrees. */
  rotate: z.number().min(0).max(180).default(0),
  /** Keep a rectangle of a share of the area from `minArea` to 1 where it is, black around it. */
  crop: z.strictObject({ probability: fraction, minArea: fraction }).nullable().default(null),
  /** Shrink to a side uniform between the two, in pixels, and enlarge again. */
  lowResolution: z
    .strictObject({
      probability: fraction,
      minSide: z.int().min(1).max(112),
      maxSide: z.int().min(1).max(112).default(112),
    })
    .nullable()
    .default(null),
  /** A Gaussian, its standard deviation in pixels. */
  blur: z
    .strictObject({
      probability: fraction,
      minSigma: z.number().min(0).max(28).default(0.1),
      maxSigma: z.number().min(0).max(28),
    })
    .nullable()
    .default(null),
  /** Largest change of brightness, as a fraction of white. */
  brightness: fraction.default(0),
  /** Largest relative change of contrast. */
  contrast: fraction.default(0),
  /** torchvision's ColorJitter, as AdaFace uses it: largest relative changes, in random order. */
  colorJitter: z
    .strictObject({
      probability: fraction,
      brightness: factor,
      contrast: factor,
      saturation: factor,
    })
    .nullable()
    .default(null),
  /** Probability of dropping the colour. */
  grayscale: fraction.default(0),
  /** A grey square: its probability and its side as fractions of the image's. */
  cutout: z
    .strictObject({ probability: fraction, minSize: fraction, maxSize: fraction })
    .nullable()
    .default(null),
})

const data = z.strictObject({
  /** Folders of people (`root/person/image.jpg`) and MXNet RecordIO files (`train.rec`), joined. */
  roots: z.array(z.string()),
  /** Folders of images of nobody in particular, however deep, for distillation alone: joined with those of `roots`. */
  unlabelled: z.array(z.string()).default([]),
  /** Only the images that this file names, as `arcface clean` writes it. */
  list: z.string().nullable().default(null),
  /** A person with a single image: keep it and warn, or stop. */
  onSingleImage: z.enum(['warn', 'error']).default('warn'),
  /** An image that cannot be decoded: leave it out and say so, or stop. */
  onBadImage: z.enum(['skip', 'fail']).default('skip'),
  /** Threads that decode and augment ahead of the step. */
  workers: z.int().min(1).default(1),
  /** Batches of so many people with so many images each, which triplets need; null: every image once an epoch. */
  sampler: z
    .strictObject({ people: z.int().min(2), images: z.int().min(2) })
    .nullable()
    .default(null),
  augment: augment.prefault({}),
})

/** The paper's loss unless another is named. */
const loss = z.preprocess(
  (value) => (isObject(value) ? { name: 'arcface', ...value } : value),
  trainedLossSchema,
)
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const optimizer = z.strictObject({
  /** Highest learning rate, at `train.batchSize` images a step. */
  lr: z.number().positive().default(0.1),
  /** That of the backbone, where it is not the head's: it follows the same warm-up and schedule; null: `lr`. */
  backboneLr: z.number().positive().nullable().default(null),
  momentum: z.number().min(0).lt(1).default(0.9),
  weightDecay: z.number().min(0).default(5e-4),
  /** Share of all steps over which the learning rate grows linearly from 0. */
  warmup: fraction.default(0.05),
  /** BatchNorm, PReLU and biases decay too, as in arcface_torch; without, only kernels, matrices and centres. */
  decayAll: z.boolean().default(true),
  /** How the rate falls to 0 after the warm-up. */
  schedule: z.enum(['polynomial', 'cosine']).default('polynomial'),
  /** Power of the polynomial. */
  decayPower: z.number().positive().default(1),
  /** Largest L2 norm of the backbone's gradients; 0 leaves them. */
  clipNorm: z.number().min(0).default(5),
})

const head = z.strictObject({
  /**
   * Goes through the classes in blocks, so that their logits and the centres' gradient never exist as a whole; null:
   * from 10,000 classes on, on a GPU from 250,000. For the losses of one margin family (arcface, cosface, ...) without regularizers.
   */
  blocked: z.boolean().nullable().default(null),
  /** Share of the classes that a step compares with: the batch's own, and others at random (Partial FC). */
  sample: z.number().gt(0).max(1).default(1),
  /** Where the centres begin: drawn, or the mean embedding of each person by the network as it is at the start. */
  init: z.enum(['random', 'means']).default('random'),
})

const train = z.strictObject({
  epochs: z.int().min(1).default(20),
  batchSize: z.int().min(2).default(64),
  /** Images that are computed at once; gradients of the parts add up to the batch's. 0: all of them. */
  microBatch: natural.default(0),
  /** Decay of a moving average of the weights, which is then what is verified, loaded and exported; 0: none. */
  ema: z.number().min(0).lt(1).default(0),
  /** Share of the weights of the start in what is verified, loaded and exported, for fine-tuning; 0: none. Not with `ema`. */
  keep: z.number().min(0).lt(1).default(0),
  /**
   * `bf16` computes products and convolutions in bfloat16, `fp16` in float16 with a scaled loss; weights stay float32.
   * `auto`: bfloat16 if that is faster here.
   */
  precision: z.enum(['fp32', 'bf16', 'fp16', 'auto']).default('fp32'),
  /** `channels_last` is faster on most processors. */
  memoryFormat: z.enum(['channels_last', 'contiguous_format']).default('channels_last'),
  /** `cpu`, `cuda`, `cuda:1`, ... */
  device: z.string().default('cpu'),
  /** A loss or gradient that is NaN or infinite: stop, leave the step out, or leave it out and halve the rate. */
  onNonFinite: z.enum(['stop', 'skip', 'lower-lr']).default('stop'),
  /** Threads of libtorch; 0: one a core. The same number gives the same bits. */
  threads: natural.default(0),
})

const verifySet = z.strictObject({
  name: z.string(),
  /** Folder with `name/name_0001.jpg`; a `.bin` needs none. */
  images: z.string().nullable().default(null),
  /** A list in the format of LFW's pairs.txt, or a `.bin` with its images. */
  pairs: z.string(),
})

const verify = z.strictObject({
  /** Steps between verifications; 0: at the end only. */
  every: natural.default(0),
  /** Verifications in a row without a higher accuracy on the first set that end the training; 0: none do. */
  patience: natural.default(0),
  /** People who are not in the training data. The first set decides which checkpoint is best. */
  sets: z.array(verifySet).default([]),
})

const checkpoint = z.strictObject({
  /** Steps between checkpoints; 0: at the end only. Ctrl-C always saves one. */
  every: natural.default(500),
  /** Latest checkpoints that are kept. */
  keep: z.int().min(1).default(2),
  /** Checkpoints of the highest accuracy on the first verification set that are kept besides. */
  keepBest: z.int().min(1).default(1),
})

const keys = z.strictObject({
  /** Decides everything that is random. */
  seed: natural.default(1),
  /** The run folder; it must not hold another run. */
  output: z.string().default('runs/arcface'),
  data: data.refine(({ roots, unlabelled }) => roots.length + unlabelled.length > 0, {
    path: ['roots'],
    message: 'name at least one folder of people or .rec file',
  }),
  model,
  loss: loss.prefault({ name: 'arcface' }),
  head: head.prefault({}),
  distill: distill.nullable().default(null),
  optimizer: optimizer.prefault({}),
  train: train.prefault({}),
  verify: verify.prefault({}),
  checkpoint: checkpoint.prefault({}),
})

export const configSchema = z.preprocess(
  (value) => batchFromSampler(backboneFromFile(value)),
  keys.superRefine((config, context) => {
    const { data, loss, model, train, verify } = config
    const complain = (path: string[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    for (const [key, message] of wrongWithFile(model)) complain(['model', key], message)
    checkDistillation(config, complain)
    if (verify.patience > 0 && (verify.every === 0 || verify.sets.length === 0))
      complain(
        ['verify', 'patience'],
        'nothing is verified during the training; set verify.every and name a set in verify.sets',
      )
    if (train.keep > 0 && train.ema > 0)
      complain(['train', 'keep'], 'it is not for a moving average; set one of keep and ema to 0')
    const names = verify.sets.map(({ name }) => name)
    const twice = names.find((name, i) => names.indexOf(name) < i)
    if (twice !== undefined)
      complain(
        ['verify', 'sets'],
        `two sets are called ${twice}; metrics and report need two names`,
      )
    if (train.microBatch === 1 || train.microBatch > train.batchSize)
      complain(
        ['train', 'microBatch'],
        `it must be 2 to ${train.batchSize} (train.batchSize), or 0`,
      )
    if (train.microBatch > 0 && data.sampler)
      complain(
        ['train', 'microBatch'],
        'batches of data.sampler are compared as a whole; leave microBatch out',
      )
    const size = data.sampler && data.sampler.people * data.sampler.images
    if (size !== null && train.batchSize !== size)
      complain(
        ['train', 'batchSize'],
        `data.sampler makes batches of ${size}, not ${train.batchSize}; leave batchSize out or set it to ${size}`,
      )
    if (size === null && loss.name === 'triplet')
      complain(
        ['data', 'sampler'],
        'loss triplet compares several images of a person in a batch; add data.sampler: { people: 16, images: 4 }',
      )
  }),
)

/** `train.batchSize` that nobody gave is what the sampler makes. */
function batchFromSampler(value: unknown): unknown {
  const given = z
    .looseObject({
      data: z.object({ sampler: z.object({ people: z.number(), images: z.number() }) }),
      train: z.looseObject({ batchSize: z.undefined().optional() }).default({}),
    })
    .safeParse(value)
  if (!given.success) return value
  const { data, train } = given.data
  const batchSize = data.sampler.people * data.sampler.images
  return { ...(value as object), train: { ...train, batchSize } }
}

/** A configuration with every value filled in. */
export type Config = z.output<typeof configSchema>
/** A configuration as a person writes it. */
export type ConfigInput = z.input<typeof keys>
