import type { FolderDataset, Sample } from '@arcface/data'
import type { EmbedFn, SearchResult } from '@arcface/evaluate'
import type { IdentificationResult } from '@arcface/evaluate/report'
import type { MatMul } from '@arcface/vision'
import type { Command } from 'commander'
import { DEFAULT_MODEL, openModel } from '../model/open.js'
import { addPreprocessing, type PreprocessingOptions } from '../model/preprocessing.js'
import { integers, rates } from '../numbers.js'
import { warn, writeOut } from '../printable.js'
import { progress } from '../progress.js'
import { jsonOf, rowsOf, type SearchOptions, searchAndMeasure } from './evaluate-search.js'
import { lines, repeated } from './evaluate-shared.js'

interface Options extends PreprocessingOptions {
  model: string
  images?: string
  gallery?: string
  probes?: string
  distractors?: string[]
  megaface?: boolean
  ranks: number[]
  fpir: number[]
  far?: number[]
  flip?: boolean
  json?: boolean
  report?: string
}

export function register(evaluate: Command): void {
  const identification = evaluate
    .command('identification')
    .description('1:N: the rank of the right person, distractors, and people who are not enrolled')
    .option('--model <model>', 'a model pack, an ONNX file or a run folder', DEFAULT_MODEL)
    .option('--images <dir>', 'people/image: the first image of each is enrolled, the others probe')
    .option('--gallery <dir>', 'people who are enrolled, instead of --images')
    .option('--probes <dir>', 'whom to look for, by the same names; others are not enrolled')
    .option(
      '--distractors <dir>',
      'people who are enrolled too and whom nobody looks for; may be repeated',
      repeated,
    )
    .option('--megaface', 'each couple of --images by itself among the --distractors')
    .option('--ranks <list>', 'ranks to report', integers, [1, 5, 10])
    .option(
      '--fpir <list>',
      'false positive identification rates of the open set',
      rates,
      [0.01, 0.1],
    )
    .option(
      '--far <list>',
      'TAR over all comparisons at these FARs, as Trillion-Pairs has it (--megaface: 1e-6)',
      rates,
    )
    .option('--flip', 'add the embedding of the mirror image')
    .option('--report <dir>', 'also write report.html, report.json and CSV files there')
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
  const { model, images, gallery, probes, distractors = [], megaface, flip = false, json } = options
  const apart = gallery !== undefined && probes !== undefined
  if ((images === undefined) === !apart || (images !== undefined && (gallery ?? probes)))
    command.error('error: give --images, or both --gallery and --probes')
  if (megaface && (images === undefined || distractors.length === 0))
    command.error('error: --megaface takes --images and --distractors')
  const { openFolders } = await import('@arcface/data')
  const { onnxMatMul } = await import('@arcface/recognize')
  const open = (folders: string[]) => {
    const set = openFolders(folders)
    for (const warning of set.warnings) warn(warning)
    return set
  }
  const others = distractors.length > 0 ? open(distractors) : undefined
  const opened = await openModel(model, options)
  try {
    const work = { ...options, embed: opened.embed, others, matmul: onnxMatMul() }
    const measured = megaface
      ? await megafaceOf(open([images!]), work)
      : images === undefined
        ? await identify(open([gallery!]), open([probes!]), work)
        : await identify(...firstEnrolled(open([images])), work)
    const { result } = measured
    const whole = { protocol: result.protocol, ...jsonOf(result), flip }
    writeOut(json ? `${JSON.stringify(whole)}\n` : table(measured, flip))
    if (options.report !== undefined) await report(options, measured)
  } finally {
    await opened.close()
  }
}

interface Work extends SearchOptions {
  readonly flip?: boolean
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

/** Either protocol; the search where its pairs can be shown. */
interface Measured {
  readonly result: IdentificationResult
  readonly search?: SearchResult
  readonly probes: FolderDataset
  /** The galleries, row by row. */
  readonly rows: readonly FolderDataset[]
}

async function identify(
  gallery: FolderDataset,
  probes: FolderDataset,
  work: Work,
): Promise<Measured> {
  const { numberNames } = await import('@arcface/evaluate')
  const { others } = work
  const people = numberNames([...gallery.classes, ...probes.classes])
  const probeOf = probes.samples.map(({ label }) => people[gallery.classes.length + label]!)
  const galleryOf = gallery.samples.map(({ label }) => people[label]!)
  const rows = others === undefined ? [gallery] : [gallery, others]
  const searched = await searchAndMeasure(
    {
      probes: await embedded(probes, work),
      probeOf: Int32Array.from(probeOf),
      gallery: inParts(rows, work),
      galleryOf: Int32Array.from([...galleryOf, ...(others?.samples ?? []).map(() => -1)]),
      matmul: work.matmul,
    },
    work,
  )
  return { ...searched, probes, rows }
}

async function megafaceOf(set: FolderDataset, work: Work): Promise<Measured> {
  const { megaface } = await import('@arcface/evaluate')
  const { ranks, far: fars = [1e-6], matmul } = work
  const others = work.others!
  const { cmc, cmcIntervals, verification, couples, distractors } = await megaface({
    probes: await embedded(set, work),
    probeOf: Int32Array.from(set.samples, ({ label }) => label),
    distractors: inParts([others], work),
    count: others.samples.length,
    matmul,
    ranks: Math.max(...ranks),
    fars,
  })
  const probes = set.samples.length
  const counts = { probes, gallery: distractors + 1, distractors, mated: couples }
  return {
    result: {
      protocol: 'megaface',
      ...counts,
      ranks,
      cmc,
      ...(cmcIntervals && { cmcIntervals }),
      verification,
    },
    probes: set,
    rows: [others],
  }
}

async function report(
  { model, images, gallery, probes, distractors, report: folder }: Options,
  { result, search, ...sets }: Measured,
): Promise<void> {
  const { imageName } = await import('@arcface/data')
  const { factsOf } = await import('../report/facts.js')
  const { writeSearchReport } = await import('../report/identification.js')
  const rows = sets.rows.flatMap(({ samples }) => samples)
  const named = (image: Sample) => ({ name: imageName(image), image })
  await writeSearchReport({
    folder: folder!,
    title: `${result.protocol === 'megaface' ? 'MegaFace' : 'Identification'} on ${images ?? probes}`,
    result,
    ...(search && { search }),
    probe: (probe) => named(sets.probes.samples[probe]!),
    row: (row) => named(rows[row]!),
    facts: await factsOf({
      model,
      data: { images, gallery, probes, distractors: distractors?.join(', ') },
      images: [...sets.probes.samples, ...rows],
      lists: [sets.probes, ...sets.rows].map((set) =>
        Int32Array.from(set.samples, ({ label }) => label),
      ),
    }),
  })
}

async function embedded({ samples }: FolderDataset, { embed, flip = false }: Work) {
  const { imageName } = await import('@arcface/data')
  const { embedFiles } = await import('@arcface/evaluate/run')
  const { flipSum } = await import('@arcface/evaluate')
  const found = await embedFiles(samples, embed, flip, { onProgress: progress('images') })
  return { embeddings: flipSum(found), dim: found.dim, names: samples.map(imageName) }
}

/** Images of a gallery that are embedded and searched before the next are. */
const PART = 1 << 13

/** A gallery part by part: a million distractors need not be in memory. */
async function* inParts(
  sets: readonly FolderDataset[],
  { embed, flip = false }: Work,
): AsyncGenerator<Float32Array> {
  const { embedFiles } = await import('@arcface/evaluate/run')
  const { flipSum } = await import('@arcface/evaluate')
  const samples = sets.flatMap((set) => set.samples)
  const bar = progress('images of the gallery')
  for (let start = 0; start < samples.length; start += PART) {
    const onProgress = (done: number) => bar(start + done, samples.length)
    const part = samples.slice(start, start + PART)
    yield flipSum(await embedFiles(part, embed, flip, { onProgress }))
  }
}

function table({ result }: Measured, flip: boolean): string {
  const { protocol, mated, probes, gallery, distractors } = result
  return lines([
    ...rowsOf(result),
    [protocol === 'megaface' ? 'couples' : 'probes with a mate', `${mated}`],
    ['probes', `${probes}, ${flip ? 'with' : 'without'} flip`],
    ['gallery', `${gallery}, ${distractors} of them distractors`],
  ])
}
