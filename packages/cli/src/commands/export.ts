import type { ExportedModel, Precision } from '@arcface/recognize'
import { type Command, Option } from 'commander'
import {
  addCard,
  type CardFigures,
  type CardOfRun,
  type CardOptions,
  cardFigures,
  writeCard,
} from '../model/card.js'
import { refusePreprocessing } from '../model/open.js'
import {
  addPreprocessing,
  type PreprocessingOptions,
  preprocessingOf,
} from '../model/preprocessing.js'
import { thresholdsIn } from '../model/thresholds.js'
import { cosine } from '../terminal/numbers.js'
import { warn, writeOut } from '../terminal/printable.js'
import { repeated } from '../terminal/repeated.js'
import { counted, megabytes, percent } from '../terminal/words.js'

interface Options extends PreprocessingOptions, CardOptions {
  onnx: string
  precision: Precision
  checkpoint: string
  thresholds?: string
  calibrate?: string[]
  detector?: string
  minCosine?: number
  pairs?: string
  images?: string
  json?: boolean
}

/** What only another precision asks for. */
const OF_PRECISION = ['calibrate', 'detector', 'minCosine', 'pairs', 'images'] as const

export function register(program: Command): void {
  const command = program
    .command('export')
    .description('Write an embedder as an ONNX file of ours, also smaller')
    .argument('<model>', 'a run, an ONNX file or an installed pack')
    .requiredOption('--onnx <file>', 'the file to write')
    .addOption(
      new Option('--precision <type>', 'of weights and arithmetic')
        .choices(['fp32', 'fp16', 'int8'])
        .default('fp32'),
    )
    .option('--checkpoint <which>', 'of a run: best, latest, step-N, or its folder', 'best')
    .option(
      '--thresholds <file>',
      "what evaluate threshold --out wrote, instead of the model's own",
    )
    .option(
      '--calibrate <dir>',
      'faces or photographs for fp16 and int8: measured on some, compared with float32 on others; several times: all of them',
      repeated,
    )
    .option(
      '--detector <model>',
      "for photographs: a pack or an ONNX file (default: the model's own)",
    )
    .option(
      '--min-cosine <cosine>',
      'refuse what is less like the float32 model in the mean (default: 0.999 for fp16, 0.98 for int8)',
      cosine,
    )
    .option(
      '--pairs <file>',
      "also compare on pairs: a list in the format of LFW's pairs.txt, or a .bin",
    )
    .option('--images <dir>', 'where the faces of --pairs lie')
    .option('--json', 'print the result as one JSON object')
  addPreprocessing(addCard(command))
    .addHelpText(
      'after',
      '\nExamples:\n  $ arcface export runs/faces --onnx faces.onnx --thresholds thresholds.json' +
        '\n  $ arcface export runs/faces --onnx small.onnx --precision int8 --calibrate aligned',
    )
    .action(run)
}

async function run(model: string, options: Options, command: Command): Promise<void> {
  const { precision } = options
  const without = OF_PRECISION.find((key) => options[key] !== undefined)
  if (precision === 'fp32' && without !== undefined)
    command.error(
      `error: --${without === 'minCosine' ? 'min-cosine' : without} goes with --precision fp16 or int8`,
    )
  if (precision !== 'fp32' && options.calibrate === undefined)
    command.error(`error: --precision ${precision} needs faces: --calibrate <dir>`)
  if (options.images !== undefined && options.pairs === undefined)
    command.error('error: --images says where the faces of --pairs lie: give both')
  const { isRun } = await import('@arcface/recognize')
  const figures = await cardFigures(options)
  if (!isRun(model)) return exportOther(model, options, figures)
  await refusePreprocessing(model, options)
  if (precision === 'fp32') return exportFloat(model, options, figures)
  const { mkdtemp, rm } = await import('node:fs/promises')
  const { tmpdir } = await import('node:os')
  const { join } = await import('node:path')
  const { cardOfRun, exportRun } = await import('@arcface/train')
  const folder = await mkdtemp(join(tmpdir(), 'arcface-export-'))
  try {
    const float = join(folder, 'model.onnx')
    const { step } = exportRun(model, float, { checkpoint: options.checkpoint })
    // What the run measured is of its float32 weights, not of what they become.
    await exportOther(float, options, figures, { ...cardOfRun(model, step), results: [] })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function exportFloat(run: string, options: Options, figures: CardFigures): Promise<void> {
  const { onnx, checkpoint, thresholds, json } = options
  const { sumOfWeights } = await import('@arcface/evaluate/run')
  const { cardOfRun, exportRun, findCheckpoint, weightsFile } = await import('@arcface/train')
  const given = thresholds !== undefined && { thresholds: await thresholdsIn(thresholds) }
  const report = exportRun(run, onnx, { checkpoint, ...given })
  const { path, dim, nodes, parameters, bytes, step } = report
  const card = await writeCard(path, options, figures, {
    ...cardOfRun(run, step),
    weights: [await sumOfWeights(weightsFile(findCheckpoint(run, checkpoint)))],
  })
  writeOut(
    json
      ? `${JSON.stringify({ ...report, card })}\n`
      : `${path}: step ${step}, ${dim} values an embedding, ${(parameters / 1e6).toFixed(2)} M parameters, ${nodes} nodes, ${megabytes(bytes)}\n`,
  )
}

async function exportOther(
  model: string,
  options: Options,
  figures: CardFigures,
  known?: CardOfRun,
): Promise<void> {
  const { onnx, precision, calibrate, detector, minCosine, thresholds, json } = options
  const { exportModel } = await import('@arcface/recognize')
  const report = await exportModel(model, onnx, {
    precision,
    calibrate,
    detector,
    minCosine,
    preprocessing: preprocessingOf(options),
    ...(thresholds !== undefined && { thresholds: await thresholdsIn(thresholds) }),
    accuracy: await accuracyOn(options),
  })
  const card = await writeCard(report.path, options, figures, known)
  writeOut(
    json ? `${JSON.stringify({ ...report, card })}\n` : inWords(report, precision !== 'fp32'),
  )
}

/** Pairs are opened before the work begins. */
async function accuracyOn({ pairs, images }: Options) {
  if (pairs === undefined) return undefined
  const { basename } = await import('node:path')
  const { openPairs } = await import('@arcface/data')
  const { evaluateVerification, listWarnings } = await import('@arcface/evaluate/run')
  const list = openPairs(pairs, images)
  listWarnings(list).forEach(warn)
  return {
    pairs: basename(pairs),
    measure: async (embed: (images: Uint8Array, n: number) => Promise<Float32Array>) =>
      (await evaluateVerification(list, embed)).accuracy,
  }
}

/** @param reduced by this export: what was small before has no float32 model beside it */
function inWords(
  { path, dim, bytes, floatBytes, precision }: ExportedModel,
  reduced: boolean,
): string {
  const parts = [
    ...(precision ? [precision.type] : []),
    `${dim} values an embedding`,
    `${megabytes(bytes)}${reduced ? ` (float32 ${megabytes(floatBytes)})` : ''}`,
    ...(precision ? besideFloat(precision) : []),
  ]
  return `${path}: ${parts.join(', ')}\n`
}

const besideFloat = ({
  checked,
  cosine,
  accuracy,
}: NonNullable<ExportedModel['precision']>): string[] => [
  `cosine to float32 ${cosine.mean.toFixed(4)} in the mean, ${cosine.min.toFixed(4)} at worst of ${counted(checked, 'face')}`,
  ...(accuracy
    ? [`accuracy ${percent(accuracy.reduced)} (float32 ${percent(accuracy.float32)})`]
    : []),
]
