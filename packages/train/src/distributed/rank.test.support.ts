// One rank of ranks.test.ts: runs the scenario that it is given and prints what came out as JSON.

import { NOBODY, openFolders } from '@arcface/data'
import {
  initProcessGroup,
  manualSeed,
  readLaunch,
  setNumThreads,
  type Tensor,
  tensor,
} from '@arcface/libtorch'
import { Random } from '@arcface/vision'
import { checkConfig } from '../config/load.js'
import type { ConfigInput } from '../config/schema.js'
import { Distillation } from '../distill/distillation.js'
import { teachAll } from '../distill/teach.js'
import { shardLoss } from '../head/sharded-head.js'
import { createLoss, type Loss, type LossOptions } from '../losses/index.js'
import { buildBackbone } from '../network/build.js'
import { buildTraining } from '../step/build.js'
import { trainStep } from '../step/step.js'
import { beginAtMeans } from '../trainer/centres.js'
import { agree } from './agree.js'
import { Team } from './team.js'

const DIM = 16
const CLASSES = 7
const BATCH = 6

const values = (one: Tensor) => [...one.toFloat32Array()]

/** Numbers in [-1, 1), the same for everybody. */
const wave = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (from + i + 1) + 0.3) % 1)

/** Loss and gradients of a head on rows `from` to `to` of the batch of all ranks. */
function headOn(head: Loss, from: number, to: number) {
  const embeddings = tensor(wave((to - from) * DIM, from * DIM), [to - from, DIM])
  embeddings.requiresGrad = true
  const labels = Array.from({ length: to - from }, (_, i) => (3 * (from + i)) % CLASSES)
  const loss = head.call(embeddings, tensor(labels, [to - from], { dtype: 'int64' }))
  loss.backward()
  return {
    loss: loss.item(),
    centres: values(head.centres!),
    embeddingGrad: values(embeddings.grad!),
    centreGrad: values(head.centres!.grad!),
  }
}

/** What one process computes on the batches of both ranks. */
export function wholeHead(options: LossOptions) {
  manualSeed(5)
  return headOn(createLoss(options, { classes: CLASSES, dim: DIM }), 0, 2 * BATCH)
}

function shardedHead(options: LossOptions) {
  const group = initProcessGroup({ backend: 'gloo', ...readLaunch(process.env)! })
  manualSeed(5)
  const head = shardLoss(options, { classes: CLASSES, dim: DIM }, group)!
  const from = group.rank * BATCH
  const result = headOn(head, from, from + BATCH)
  group.destroy()
  return result
}

export interface Curves {
  losses: number[]
  angles: (number | null)[]
  /** Of a teacher: its loss, the cosine to it and the head's loss, of each step. */
  distilled: number[]
  headNorms: (number | null)[]
}

/**
 * Losses, target angles and norms of the centres' gradients of some steps. Both halves of the batch of one process have the same images, and so the same statistics in
 * BatchNorm, but other labels; each of two ranks has one of the halves.
 */
export function curvesOf(
  team: Team,
  loss: LossOptions,
  steps: number,
  { blocked = false, taught = false } = {},
): Curves {
  const config = checkConfig({
    data: { roots: ['-'], unlabelled: taught ? ['-'] : [] },
    model: { backbone: 'r10-small', embedding: DIM },
    loss,
    ...(loss.name !== 'none' && { head: { blocked } }),
    ...(taught && { distill: { teacher: '-', sees: 'augmented' } }),
    optimizer: { lr: 0.002, warmup: 0 },
    train: { batchSize: 4 },
  })
  setNumThreads(1)
  manualSeed(3)
  const training = buildTraining(config, CLASSES, team)
  if (config.distill) {
    manualSeed(4)
    const teacher = buildBackbone(config).eval()
    training.distillation = new Distillation(config.distill, config.train, teacher)
  }
  const halves = team.world === 1 ? [0, 1] : [team.rank]
  const outcomes = Array.from({ length: steps }, (_, step) => {
    const half = coarseNoise(step)
    const images = new Uint8Array(halves.length * half.length)
    const labels = new Int32Array(halves.length * 4)
    for (const [i, which] of halves.entries()) {
      images.set(half, i * half.length)
      for (let k = 0; k < 4; k++) {
        const label = (step + k + 3 * which) % CLASSES
        labels[4 * i + k] = taught && isOfNobody(step, which, k) ? NOBODY : label
      }
    }
    return trainStep(config, training, { images, labels, step, steps })
  })
  return {
    losses: outcomes.map(({ loss }) => loss),
    angles: outcomes.flatMap(({ targetAngle, otherAngle }) => [targetAngle, otherAngle]),
    distilled: outcomes.flatMap(({ distillLoss, teacherCosine, marginLoss }) =>
      distillLoss === undefined ? [] : [distillLoss, teacherCosine!, marginLoss ?? 0],
    ),
    headNorms: outcomes.map(({ headGradNorm }) => headGradNorm),
  }
}

/** One of the first rank's images, two of the second's; in some steps all of the second's, or all there are. */
const isOfNobody = (step: number, rank: number, image: number): boolean =>
  (rank === 0 ? image === 1 : image > 1 || step === 2) || step === 3

/** Four images of random blocks of 14 pixels: so different that BatchNorm does not divide by next to nothing. */
function coarseNoise(seed: number): Uint8Array {
  const blocks = new Random(seed, 1)
  const colours = Uint8Array.from({ length: 4 * 8 * 8 * 3 }, () => blocks.below(256))
  return Uint8Array.from({ length: 4 * 112 * 112 * 3 }, (_, at) => {
    const [pixel, channel] = [Math.floor(at / 3), at % 3]
    const [row, column] = [Math.floor(pixel / 112), pixel % 112]
    return colours[(8 * Math.floor(row / 14) + Math.floor(column / 14)) * 3 + channel]!
  })
}

function curveOfRanks({
  blocked = false,
  taught = false,
  ...loss
}: LossOptions & { blocked?: boolean; taught?: boolean }) {
  const team = Team.join('cpu')
  const curve = curvesOf(team, loss, 5, { blocked, taught })
  team.leave()
  return curve
}

/** Where the centres of this rank begin as means, of images in a folder. */
export async function centresOf(
  team: Team,
  faces: string,
  more: Partial<ConfigInput>,
): Promise<number[]> {
  const config = checkConfig({
    data: { roots: [faces] },
    model: { backbone: 'r10-small', embedding: DIM },
    ...more,
  })
  const dataset = openFolders(config.data.roots)
  setNumThreads(1)
  manualSeed(3)
  using training = buildTraining(config, dataset.classes.length, team)
  await beginAtMeans(training, config, dataset, {})
  return values(training.head.centres!)
}

async function centresOfRanks({ faces, more }: { faces: string; more: Partial<ConfigInput> }) {
  const team = Team.join('cpu')
  const centres = await centresOf(team, faces, more)
  team.leave()
  return centres
}

/** Writes what a teacher gives for the images of a folder. */
export async function teachOn(team: Team, faces: string, path: string): Promise<void> {
  const config = checkConfig({
    data: { roots: [faces] },
    model: { backbone: 'r10-small', embedding: DIM },
    distill: { teacher: '-' },
  })
  setNumThreads(1)
  manualSeed(3)
  const network = buildBackbone(config).eval()
  const { samples } = openFolders(config.data.roots)
  const teacher = { name: '-', network, dim: DIM, sha256: 'none' }
  const file = await teachAll(path, { samples, teacher, config, team })
  file?.close()
}

async function teachOfRanks({ faces, path }: { faces: string; path: string }) {
  const team = Team.join('cpu')
  await teachOn(team, faces, path)
  team.leave()
  return 'taught'
}

function settings(own: unknown) {
  const group = initProcessGroup({ backend: 'gloo', ...readLaunch(process.env)! })
  try {
    agree(group, own)
  } finally {
    group.destroy()
  }
  return 'agreed'
}

/** Rank 1 fails by itself, or is killed; rank 0 waits for it. */
function failing(how: unknown) {
  const team = Team.join('cpu')
  try {
    team.meet()
    if (team.rank === 1) {
      if (how === 'killed') process.kill(process.pid, 'SIGKILL')
      throw Object.assign(new Error('the disk is full'), { code: 'TRAIN_DISK_FULL' })
    }
    team.meet()
    return 'met'
  } catch (error) {
    throw team.explain(error)
  } finally {
    team.leave()
  }
}

const scenarios: Record<string, (argument: never) => unknown> = {
  shardedHead,
  curveOfRanks,
  centresOfRanks,
  teachOfRanks,
  settings,
  failing,
}

const [name, argument] = process.argv.slice(2)
const scenario = scenarios[name ?? '']
if (scenario && process.env.RANK !== undefined)
  try {
    process.stdout.write(JSON.stringify(await scenario(JSON.parse(argument ?? 'null') as never)))
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    process.stdout.write(JSON.stringify({ code, message }))
  }
