import type { FolderDataset } from '@arcface/data'
import type { EmbedFn, Interval, MatMul, SearchResult } from '@arcface/evaluate'
import type { Command } from 'commander'
import { addPreprocessing, openModel, type PreprocessingOptions } from '../model/open.js'
import { integers, lines, percent, progress, rates } from './evaluate-shared.js'

interface Options extends PreprocessingOptions {
  model: string
  images?: string
  gallery?: string
  probes?: string
  distractors?: string[]
  megaface?: boolean
  ranks: number[]
  fpir: number[]
  far: number[]
  flip?: boolean
  json?: boolean
}

export function register(evaluate: Command): void {
  const identification = evaluate
    .command('identification')
    .description('1:N: the rank of the right person, distractors, and people who are not enrolled')
    .requiredOption('--model <model>', 'an ONNX file or a run folder')
    .option('--images <dir>', 'people/image: the first image of each is enrolled, the others probe')
    .option('--gallery <dir>', 'people who are enrolled, instead of --images')
    .option('--probes <dir>', 'whom to look for, by the same names; others are not enrolled')
    .option('--distractors <dirs...>', 'people who are enrolled too and whom nobody looks for')
    .option('--megaface', 'each couple of --images by itself among the --distractors')
    .option('--ranks <list>', 'ranks to report', integers, [1, 5, 10])
    .option(
      '--fpir <list>',
      'false positive identification rates of the open set',
      rates,
      [0.01, 0.1],
    )
    .option('--far <list>', 'FARs of the verification with --megaface', rates, [1e-6])
    .option('--flip', 'add the embedding of the mirror image')
    .option('--json', 'print the result as one JSON object; all figures are fractions')
  addPreprocessing(identification)
    .addHelpText(
      'after',
      '\nExamples:\n  $ arcface evaluate identification --model face.onnx --images people --distractors others\n' +
        '  $ arcface evaluate identification --model face.onnx --gallery enrolled --probes visitors',
    )
    .action(run)
}

async function run(options: Options, command: Command): Promise<void> {
  const { model, images, gallery, probes, distractors = [], megaface, json } = options
  const apart = gallery !== undefined && probes !== undefined
  if ((images === undefined) === !apart || (images !== undefined && (gallery ?? probes)))
    command.error('error: give --images, or both --gallery and --probes')
  if (megaface && (images === undefined || distractors.length === 0))
    command.error('error: --megaface takes --images and --distractors')
  const { openFolders } = await import('@arcface/data')
  const { onnxMatMul } = await import('@arcface/recognize')
  const open = (folders: string[]) => {
    const set = openFolders(folders)
    for (const warning of set.warnings) process.stderr.write(`warning: ${warning}\n`)
    return set
  }
  const others = distractors.length > 0 ? open(distractors) : undefined
  const opened = await openModel(model, options)
  try {
    const work = { ...options, embed: opened.embed, others, matmul: onnxMatMul() }
    const result = megaface
      ? await megafaceOf(open([images!]), work)
      : images === undefined
        ? await identify(open([gallery!]), open([probes!]), work)
        : await identify(...firstEnrolled(open([images])), work)
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : table(result))
  } finally {
    await opened.close()
  }
}

interface Work extends Pick<Options, 'ranks' | 'fpir' | 'far' | 'flip'> {
  readonly embed: EmbedFn
  readonly others: FolderDataset | undefined
  readonly matmul: MatMul
}

function firstEnrolled(set: FolderDataset): [FolderDataset, FolderDataset] {
  const first = set.samples.map(({ label }, i) => label !== set.samples[i - 1]?.label)
  return [
    { ...set, samples: set.samples.filter((_, i) => first[i]) },
    { ...set, samples: set.samples.filter((_, i) => !first[i]) },
  ]
}

/** Figures of either protocol, as printed. */
interface Figures {
  protocol: 'identification' | 'megaface'
  probes: number
  gallery: number
  distractors: number
  /** Probes with a mate in the gallery; couples for MegaFace. */
  mated: number
  /** By rank. */
  cmc: Record<string, number>
  cmcIntervals?: Record<string, Interval>
  /** By FPIR, where some probes have no mate. */
  tpirAtFpir?: Record<string, { tpir: number; threshold: number; reachedFpir: number }>
  /** By FAR, for MegaFace. */
  tarAtFar?: Record<string, { tar: number; threshold: number; reachedFar: number }>
  flip: boolean
}

async function identify(
  gallery: FolderDataset,
  probes: FolderDataset,
  work: Work,
): Promise<Figures> {
  const { cmc, cmcIntervals, mateRanks, numberNames, search, tpirAtFpir } = await import(
    '@arcface/evaluate'
  )
  const { ranks, fpir, others } = work
  const people = numberNames([...gallery.classes, ...probes.classes])
  const probeOf = Int32Array.from(
    probes.samples,
    ({ label }) => people[gallery.classes.length + label]!,
  )
  const enrolled = await embedded(gallery, work)
  const galleryOf = gallery.samples.map(({ label }) => people[label]!)
  const noise = others === undefined ? [] : [await embedded(others, work)]
  const result: SearchResult = await search({
    probes: await embedded(probes, work),
    probeOf,
    gallery: [enrolled, ...noise].map(({ embeddings }) => embeddings),
    galleryOf: Int32Array.from([...galleryOf, ...(others?.samples ?? []).map(() => -1)]),
    matmul: work.matmul,
    keep: Math.max(...ranks),
  })
  const rates = cmc(result)
  const mated = mateRanks(result).filter((rank) => rank > 0).length
  const intervals = cmcIntervals(result, probeOf)
  const byRank = <T>(of: ArrayLike<T>) =>
    Object.fromEntries(ranks.map((rank) => [rank, of[rank - 1]!]))
  return {
    protocol: 'identification',
    probes: result.probes,
    gallery: result.gallery,
    distractors: others?.samples.length ?? 0,
    mated,
    cmc: byRank(rates),
    cmcIntervals: byRank(intervals),
    ...(mated < result.probes && {
      tpirAtFpir: Object.fromEntries(
        fpir.map((rate) => {
          const { tpir, threshold, reachedFpir } = tpirAtFpir(result, rate)
          return [rate, { tpir, threshold, reachedFpir }]
        }),
      ),
    }),
    flip: work.flip === true,
  }
}

async function megafaceOf(set: FolderDataset, work: Work): Promise<Figures> {
  const { megaface } = await import('@arcface/evaluate')
  const { ranks, far: fars, others, matmul } = work
  const noise = await embedded(others!, work)
  const result = await megaface({
    probes: await embedded(set, work),
    probeOf: Int32Array.from(set.samples, ({ label }) => label),
    distractors: [noise.embeddings],
    count: others!.samples.length,
    matmul,
    ranks: Math.max(...ranks),
    fars,
  })
  return {
    protocol: 'megaface',
    probes: set.samples.length,
    gallery: result.distractors + 1,
    distractors: result.distractors,
    mated: result.couples,
    cmc: Object.fromEntries(ranks.map((rank) => [rank, result.cmc[rank - 1]!])),
    tarAtFar: Object.fromEntries(
      result.verification.map(({ far, tar, threshold, reachedFar }) => [
        far,
        { tar, threshold, reachedFar },
      ]),
    ),
    flip: work.flip === true,
  }
}

async function embedded({ samples }: FolderDataset, { embed, flip = false }: Work) {
  const { imageName } = await import('@arcface/data')
  const { embedFiles, flipSum } = await import('@arcface/evaluate')
  const found = await embedFiles(samples, embed, flip, { onProgress: progress('images') })
  return { embeddings: flipSum(found), dim: found.dim, names: samples.map(imageName) }
}

function table(figures: Figures): string {
  const { cmc, cmcIntervals, tpirAtFpir = {}, tarAtFar = {} } = figures
  const interval = (rank: string) => {
    const found = cmcIntervals?.[rank]
    return found ? ` [${percent(found.low)}, ${percent(found.high)}]` : ''
  }
  return lines([
    ...Object.entries(cmc).map(
      ([rank, rate]) => [`rank-${rank}`, `${percent(rate)}${interval(rank)}`] as const,
    ),
    ...Object.entries(tpirAtFpir).map(
      ([fpir, { tpir, threshold }]) =>
        [`TPIR at FPIR ${fpir}`, `${percent(tpir)} (cosine > ${threshold.toFixed(4)})`] as const,
    ),
    ...Object.entries(tarAtFar).map(
      ([far, { tar, threshold }]) =>
        [`TAR at FAR ${far}`, `${percent(tar)} (cosine > ${threshold.toFixed(4)})`] as const,
    ),
    [figures.protocol === 'megaface' ? 'couples' : 'probes with a mate', `${figures.mated}`],
    ['probes', `${figures.probes}, ${figures.flip ? 'with' : 'without'} flip`],
    ['gallery', `${figures.gallery}, ${figures.distractors} of them distractors`],
  ])
}
