import { joinRows, normalizeRows } from '@arcface/evaluate'
import { noGrad, ops, scope } from '@arcface/libtorch'
import { cosine, IMAGE_BYTES } from '@arcface/vision'
import { toInput } from '../network/embed.js'
import { type Attacked, headOf } from './attacked.js'
import { type InversionSettings, invert } from './invert.js'
import type { Jury } from './judge.js'
import type { Target } from './people.js'
import type { Protection } from './protection.js'
import type { Judged } from './summary.js'
import { type Aim, classAim, embeddingAim } from './terms.js'

/** A picture on its way, as its maker and its judge see it. */
export interface Stage extends Judged {
  readonly step: number
  /** 112 x 112 x 3. */
  readonly image: Uint8Array
  /** The attacked network's cosine of it with the person's own template, or with the centre of the class. */
  readonly reached: number
}

/** What was drawn of somebody: one stage a look, the last is the result. */
export interface Drawn {
  readonly target: Target
  readonly stages: readonly Stage[]
}

export interface AttackPlan {
  readonly set: 'closed' | 'open'
  readonly protection: Protection
  readonly settings: InversionSettings
  /** 112 x 112 x 3; null: noise. */
  readonly start: Uint8Array | null
  readonly signal?: AbortSignal | undefined
  /** How much of the attack is done, 0 to 1. */
  readonly tell: (share: number) => void
}

/** Pictures that are led together: the statistics of their features are compared as those of a batch. */
const BATCH = 16
/** Shares of the steps after which pictures are looked at. */
const LOOKS = [0, 0.1, 0.3, 0.6, 1]

/**
 * Attacks people batch by batch. @param jury knows the photographs of `everybody`, in this order
 * @throws TrainError TRAIN_NON_FINITE
 */
export async function* attack(
  attacked: Attacked,
  jury: Jury,
  everybody: readonly Target[],
  people: readonly Target[],
  { set, protection, settings, start, signal, tell }: AttackPlan,
): AsyncGenerator<Drawn[]> {
  const batches = Math.ceil(people.length / BATCH)
  const size = Math.ceil(people.length / batches)
  const shown = LOOKS.map((share) => Math.round(share * settings.steps))
  const weights = { ...settings, ...(!protection.hasBatchNorm && { batchNorm: 0 }) }
  for (let batch = 0; batch < batches && !signal?.aborted; batch++) {
    const part = people.slice(batch * size, (batch + 1) * size)
    const places = part.map((one) => everybody.indexOf(one))
    const { aim, templates } =
      set === 'closed' ? ofCentres(attacked, part) : await ofTemplates(attacked, part, protection)
    const stages: Stage[][] = part.map(() => [])
    const onStep = (step: number) => tell((batch + step / settings.steps) / batches)
    for await (const { step, images } of invert(attacked, aim, {
      ...weights,
      keys: places,
      start,
      shown,
      signal,
      onStep,
    })) {
      const pictures = part.map((_, i) => images.slice(i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES))
      const made = embed(attacked, images, part.length)
      const judged = await jury.judge(places, pictures, set === 'open')
      part.forEach((_, i) => {
        const reached = Math.max(...templates[i]!.map((template) => cosine(made[i]!, template)))
        stages[i]!.push({ step, image: pictures[i]!, reached, ...judged[i]! })
      })
    }
    yield part.map((target, i) => ({ target, stages: stages[i]! }))
  }
}

interface Wanted {
  readonly aim: Aim
  /** What each picture should be near to, as the network sees it: of a class with several centres, the nearest. */
  readonly templates: readonly (readonly Float32Array[])[]
}

function ofCentres(attacked: Attacked, people: readonly Target[]): Wanted {
  const head = headOf(attacked)
  const labels = people.map(({ label }) => label!)
  const rows = noGrad(() => scope(() => ops.to(head.centres!, 'cpu', 'float32').toFloat32Array()))
  const [count = 1, dim = 1] = head.centres!.shape
  const each = count / attacked.classes!.length
  const row = (place: number) => rows.slice(place * dim, (place + 1) * dim)
  const templates = labels.map((label) =>
    Array.from({ length: each }, (_, i) => row(label * each + i)),
  )
  return { aim: classAim(head, labels), templates }
}

async function ofTemplates(
  attacked: Attacked,
  people: readonly Target[],
  { steal }: Protection,
): Promise<Wanted> {
  const sources = new Uint8Array(people.length * IMAGE_BYTES)
  for (const [i, { source }] of people.entries()) sources.set(source, i * IMAGE_BYTES)
  const templates = embed(attacked, sources, people.length)
  const stolen: Float32Array[] = []
  for (const one of templates) stolen.push(steal ? await steal(one) : one)
  const known = stolen[0]!.length
  return { aim: embeddingAim(joinRows(stolen), known), templates: templates.map((one) => [one]) }
}

/** Embeddings of length 1. */
function embed({ network, device }: Attacked, images: Uint8Array, count: number): Float32Array[] {
  const compute = { device, memoryFormat: 'channels_last', precision: 'fp32' } as const
  const made = noGrad(() =>
    scope(() =>
      ops.to(network.call(toInput(images, count, compute)), 'cpu', 'float32').toFloat32Array(),
    ),
  )
  const dim = made.length / count
  const rows = normalizeRows({ embeddings: made, dim })
  return Array.from({ length: count }, (_, i) => rows.slice(i * dim, (i + 1) * dim))
}
