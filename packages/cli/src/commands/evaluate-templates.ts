import type { SubjectList, TemplatePairs } from '@arcface/data'
import type {
  EmbedFn,
  OperatingPoint,
  PairFigures,
  TemplateInput,
  Templates,
  VerificationResult,
} from '@arcface/evaluate'
import type { Command } from 'commander'
import { DEFAULT_MODEL, openModel } from '../model/open.js'
import { addPreprocessing, type PreprocessingOptions } from '../model/preprocessing.js'
import { integer, integers, rates } from '../numbers.js'
import { writeOut } from '../printable.js'
import { progress } from '../progress.js'
import { jsonOf, rowsOf, searchAndMeasure } from './evaluate-search.js'
import { lines, percent, rateName, tooFew } from './evaluate-shared.js'
import {
  readLists,
  type TemplateListOptions,
  type TemplateLists,
} from './evaluate-template-lists.js'

export interface TemplateOptions extends PreprocessingOptions, TemplateListOptions {
  model: string
  norms: 'keep' | 'unit'
  far: number[]
  fpir: number[]
  ranks: number[]
  flip?: boolean
  json?: boolean
  report?: string
}

export function register(evaluate: Command): void {
  const templates = evaluate
    .command('templates')
    .description('IJB-B and IJB-C, or videos: templates of several images, 1:1 and 1:N')
    .option('--model <model>', 'a model pack, an ONNX file or a run folder', DEFAULT_MODEL)
    .requiredOption('--images <dir>', 'where the images of the list lie, aligned 112x112')
    .requiredOption('--media <file>', 'lines of "name template medium" (ijbc_face_tid_mid.txt)')
    .option('--pairs <file>', '1:1, lines of "template template label"')
    .option('--gallery <file>', '1:N, "template,subject" of those who are enrolled (a .csv)')
    .option('--probes <file>', '1:N, "template,subject" of those who are looked for')
    .option('--scores <file>', "weigh by the detector's scores (ijbc_name_5pts_score.txt)")
    .option(
      '--norms <kind>',
      'keep: by the length of embeddings (N1); unit: all alike (N0)',
      'keep',
    )
    .option('--far <list>', 'FARs of 1:1', rates, [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1])
    .option('--folds <n>', 'accuracy by so many folds of --pairs, as YTF has it (10)', integer)
    .option('--fpir <list>', 'FPIRs of 1:N', rates, [0.01, 0.1])
    .option('--ranks <list>', 'ranks of 1:N', integers, [1, 5, 10])
    .option('--flip', 'add the embedding of the mirror image')
    .option('--report <dir>', 'also write reports into its folders 1-1 and 1-n')
    .option('--json', 'print the result as one JSON object; all figures are fractions')
  addPreprocessing(templates)
    .addHelpText(
      'after',
      '\nExamples:\n  $ arcface evaluate templates --model face.onnx --images ijbc/aligned --flip \\\n' +
        '      --media ijbc_face_tid_mid.txt --pairs ijbc_template_pair_label.txt\n' +
        '  $ arcface evaluate templates --model face.onnx --images ytf --media frames.txt --pairs ytf.txt --folds 10',
    )
    .action(run)
}

async function run(options: TemplateOptions, command: Command): Promise<void> {
  const { model, pairs, gallery, probes, norms, json } = options
  if ((gallery === undefined) !== (probes === undefined))
    command.error('error: --gallery and --probes go together')
  if (pairs === undefined && gallery === undefined)
    command.error('error: give --pairs for 1:1, or --gallery and --probes for 1:N')
  if (norms !== 'keep' && norms !== 'unit') command.error('error: --norms is keep or unit')
  const { poolTemplates } = await import('@arcface/evaluate')
  const lists = await readLists(options)
  const { media: list } = lists
  const opened = await openModel(model, options)
  let templates: Templates
  try {
    templates = poolTemplates(await embedded(lists, options, opened.embed))
  } finally {
    await opened.close()
  }
  const verified = lists.pairs && (await verify(templates, lists.pairs, options))
  const identified =
    lists.gallery && (await identify(templates, lists.gallery, lists.probes!, options))
  const result = {
    templates: templates.ids.length,
    ...(verified && { verification: jsonOfPairs(verified.figures) }),
    ...(identified && { identification: jsonOf(identified.result) }),
    flip: options.flip === true,
  }
  const rows = [
    ...(verified ? rowsOfPairs(verified.figures) : []),
    ...(identified ? rowsOf(identified.result) : []),
    ['templates', `${templates.ids.length}, ${options.flip ? 'with' : 'without'} flip`] as const,
  ]
  writeOut(json ? `${JSON.stringify(result)}\n` : lines(rows))
  if (options.report !== undefined) {
    const { reportTemplates } = await import('../report/templates.js')
    await reportTemplates(options.report, { options, list, templates, verified, identified })
  }
}

async function embedded(
  { media: list, files, weights }: TemplateLists,
  { norms, flip = false }: TemplateOptions,
  embed: EmbedFn,
): Promise<TemplateInput> {
  const { embedFiles } = await import('@arcface/evaluate/run')
  const { flipSum } = await import('@arcface/evaluate')
  // An image of several templates is embedded once.
  const rowOf = new Map([...new Set(list.names)].map((name, row) => [name, row]))
  const { dim, ...found } = await embedFiles(files, embed, flip, { onProgress: progress('images') })
  const rows = flipSum({ dim, ...found })
  const embeddings = new Float32Array(list.names.length * dim)
  list.names.forEach((name, i) => {
    const row = rowOf.get(name)!
    embeddings.set(rows.subarray(row * dim, (row + 1) * dim), i * dim)
  })
  return {
    embeddings,
    dim,
    names: list.names,
    templateOf: list.templates,
    mediaOf: list.media,
    norms,
    ...(weights && { weights }),
  }
}

/** With `--folds` the accuracy too. */
export type TemplateFigures = PairFigures &
  Partial<Pick<VerificationResult, 'accuracy' | 'std' | 'foldAccuracies' | 'threshold'>>

/** 1:1, rows of templates. */
export interface VerifiedTemplates {
  readonly figures: TemplateFigures
  readonly a: Int32Array
  readonly b: Int32Array
}

async function verify(
  templates: Templates,
  pairs: TemplatePairs,
  { far: fars, folds }: TemplateOptions,
): Promise<VerifiedTemplates> {
  const { pairFigures, pairScores, templateRows, verification } = await import('@arcface/evaluate')
  const { onnxMatMul } = await import('@arcface/recognize')
  const { same } = pairs
  const options = { matmul: onnxMatMul(), onProgress: progress('pairs') }
  const [a, b] = [templateRows(templates, pairs.a), templateRows(templates, pairs.b)]
  const figures = pairFigures(await pairScores(templates, a, b, options), same, fars)
  if (folds === undefined) return { figures, a, b }
  const folded = verification({ ...templates, a, b, same, folds })
  const { accuracy, std, foldAccuracies, threshold } = folded
  return { figures: { ...figures, accuracy, std, foldAccuracies, threshold }, a, b }
}

async function identify(
  templates: Templates,
  gallery: SubjectList,
  probes: SubjectList,
  { ranks, fpir }: TemplateOptions,
) {
  const { onnxMatMul } = await import('@arcface/recognize')
  const [enrolled, wanted] = [await subjects(templates, gallery), await subjects(templates, probes)]
  const searched = await searchAndMeasure(
    {
      probes: wanted,
      probeOf: wanted.people,
      gallery: [enrolled.embeddings],
      galleryOf: enrolled.people,
      matmul: onnxMatMul(),
      onProgress: progress('templates'),
    },
    { ranks, fpir, closedTpir: true },
  )
  return { ...searched, probeRows: wanted.rows, galleryRows: enrolled.rows }
}

/** 1:N; which templates the probes and the rows of the gallery are. */
export type IdentifiedTemplates = Awaited<ReturnType<typeof identify>>

/** The templates of a list, each once, with their people. */
async function subjects(templates: Templates, list: SubjectList) {
  const { templateRows } = await import('@arcface/evaluate')
  const people = new Map<number, number>()
  list.templates.forEach((template, i) => {
    people.set(template, list.subjects[i]!)
  })
  const rows = templateRows(templates, Int32Array.from(people.keys()))
  const { dim } = templates
  const embeddings = new Float32Array(rows.length * dim)
  rows.forEach((row, i) => {
    embeddings.set(templates.embeddings.subarray(row * dim, (row + 1) * dim), i * dim)
  })
  return { embeddings, dim, rows, people: Int32Array.from(people.values()) }
}

function jsonOfPairs({
  pairs,
  genuine,
  auc,
  points,
  nearestTarAtFar,
  accuracy,
  std,
}: TemplateFigures) {
  const at = (list: readonly OperatingPoint[]) =>
    Object.fromEntries(
      list.map(({ far, tar, reachedFar, threshold }) => [far, { tar, reachedFar, threshold }]),
    )
  return {
    pairs,
    genuine,
    ...(accuracy !== undefined && { accuracy, std }),
    auc,
    tarAtFar: at(points),
    tarAtNearestFar: at(Object.values(nearestTarAtFar)),
  }
}

function rowsOfPairs({
  pairs,
  genuine,
  auc,
  points,
  nearestTarAtFar,
  accuracy,
  std = 0,
}: TemplateFigures): (readonly [string, string])[] {
  return [
    ...(accuracy === undefined
      ? []
      : [['accuracy of folds', `${percent(accuracy)} +- ${percent(std)}`] as const]),
    ...points.map(({ far, tar, reachedFar }) => {
      const near = nearestTarAtFar[far]!
      const reading = `InsightFace's reading ${percent(near.tar)} at FAR ${near.reachedFar.toExponential(1)}`
      const name = `TAR at FAR ${rateName(far)}`
      return [name, `${percent(tar)} (${reading}${tooFew({ reachedFar })})`] as const
    }),
    ['AUC', auc.toFixed(5)],
    ['pairs', `${pairs}, ${genuine} genuine`],
  ]
}
