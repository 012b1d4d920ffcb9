import { imagesAPerson } from '@arcface/data'
import { torchVersion } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import { overlapSentence } from '../verification/overlap.js'
import type { RunStory } from './story.js'

type Row = readonly [string, string]

export const count = (value: number) => value.toLocaleString('en-US')

/** What was trained on, and what the verification sets share with it. */
export function dataRows({ config: { data }, dataset, overlap }: RunStory): Row[] {
  const { classes, samples, ignored } = dataset
  const ofNobody = samples.filter(({ label }) => label < 0).length
  return [
    ...(data.roots.length > 0 ? [['Folders', data.roots.join(', ')] as const] : []),
    ...(ofNobody > 0 ? [['Folders without people', data.unlabelled.join(', ')] as const] : []),
    ...(data.list === null ? [] : [['Only the images of', data.list] as const]),
    ['People', count(classes.length)],
    ['Images', count(samples.length)],
    ...(ofNobody > 0 ? [['Of these without a person', count(ofNobody)] as const] : []),
    ...perPerson(dataset),
    ...(ignored.length > 0 ? [['Left out, as no images', count(ignored.length)] as const] : []),
    ['Augmentation', augmentation(data)],
    ...overlap.map(
      (one) =>
        [
          `Verified on ${one.set}`,
          `${count(one.images)} images; ${overlapSentence(one) ?? 'nothing found in the training data'}`,
        ] as const,
    ),
  ]
}

function perPerson(dataset: RunStory['dataset']): Row[] {
  if (dataset.classes.length === 0) return []
  const { fewestImages, medianImages, mostImages } = imagesAPerson(dataset)
  return [['Images a person', `${fewestImages} to ${mostImages}, median ${medianImages}`]]
}

/** What the loader does to images: every setting that is not off. */
export function augmentation({ augment }: Pick<Config['data'], 'augment'>): string {
  const on = Object.entries(augment).flatMap(([key, value]) => setting(key, value))
  return on.length > 0 ? on.join(', ') : 'none'
}

const SEES = {
  clean: 'the images as they are',
  both: 'the images as they are and their mirror images, added',
  augmented: 'what the student sees',
}

/** What it was taught by, if by a teacher, who is called as `nameOf` makes it of the path. */
export const distillRows = (
  { distill }: Config,
  nameOf: (path: string) => string = (path) => path,
): Row[] =>
  distill === null
    ? []
    : [
        ['Learnt of', nameOf(distill.teacher)],
        [
          'Distillation',
          `${distill.loss}, weight ${distill.weight}; the teacher sees ${SEES[distill.sees]}`,
        ],
      ]

/** How it was trained. */
export function trainingRows({ config, step, steps, parameters, ranks, threads }: RunStory): Row[] {
  const { model, optimizer, train } = config
  const each = ranks > 1 ? ` on each of ${ranks} ranks` : ''
  return [
    [
      'Network',
      `${model.backbone}, ${model.embedding}-d, ${(parameters / 1e6).toFixed(2)} M parameters`,
    ],
    ...(model.weights === null ? [] : [['Began with', model.weights] as const]),
    ['Loss', describeLoss(config)],
    ...distillRows(config),
    [
      'Steps',
      `${count(step)} of ${count(steps)} (${train.epochs} epochs) of ${train.batchSize} images${each}`,
    ],
    [
      'Learning rate',
      `${optimizer.lr}, ${optimizer.schedule}, warm-up over ${(100 * optimizer.warmup).toFixed(0)} % of the steps`,
    ],
    [
      'Computed',
      `${train.precision} on ${train.device}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    ],
    ['Seed', String(config.seed)],
    ['Versions', `libtorch ${torchVersion}, Node ${process.version}`],
  ]
}

/** `arcface, scale 64, margin 0.5`: the name and every setting that is not off. */
export const describeLoss = ({ loss: { name, ...settings } }: Config): string =>
  [name, ...Object.entries(settings).flatMap(([key, value]) => setting(key, value))].join(', ')

function setting(key: string, value: unknown): string[] {
  const isOff = value === null || value === 0 || value === false
  if (isOff || (Array.isArray(value) && value.length === 0)) return []
  if (value === true) return [key]
  return [`${key} ${typeof value === 'object' ? JSON.stringify(value) : value}`]
}
