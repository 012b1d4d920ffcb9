import type { OperatingPoint, TemplateFigures, Templates } from '@arcface/evaluate'
import type { TemplateFiles } from '@arcface/evaluate/run'
import type { Command } from 'commander'
import { DEFAULT_MODEL, openModel } from '../model/open.js'
import { addPreprocessing, type PreprocessingOptions } from '../model/preprocessing.js'
import { provenanceOf } from '../model/provenance.js'
import { integer, integers, rates } from '../terminal/numbers.js'
import { warn, writeOut } from '../terminal/printable.js'
import { progress, progressOf } from '../terminal/progress.js'
import { lines } from '../terminal/table.js'
import { percent, rateName } from '../terminal/words.js'
import { jsonOf, rowsOf } from './evaluate-figures.js'
import { reportEvents, tooFew } from './evaluate-shared.js'

interface Options extends PreprocessingOptions, TemplateFiles {
  model: string
  folds?: number
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

async function run(options: Options, command: Command): Promise<void> {
  const { model, pairs, gallery, probes, norms, json } = options
  if ((gallery === undefined) !== (probes === undefined))
    command.error('error: --gallery and --probes go together')
  if (pairs === undefined && gallery === undefined)
    command.error('error: give --pairs for 1:1, or --gallery and --probes for 1:N')
  if (norms !== 'keep' && norms !== 'unit') command.error('error: --norms is keep or unit')
  const { measureTemplatePairs, measureTemplateSearch } = await import('@arcface/evaluate')
  const { embedTemplates, readTemplateLists, reportTemplates } = await import(
    '@arcface/evaluate/run'
  )
  const { onnxMatMul } = await import('@arcface/recognize')
  const { far, fpir, ranks, folds, flip = false, report } = options
  const lists = readTemplateLists(options, folds)
  lists.warnings.forEach(warn)
  const { embed, close } = await openModel(model, options)
  let templates: Templates
  try {
    templates = await embedTemplates(lists, embed, { norms, flip, onProgress: progressOf() })
  } finally {
    await close()
  }
  const matmul = onnxMatMul()
  const verified =
    lists.pairs &&
    (await measureTemplatePairs(templates, lists.pairs, {
      far,
      folds,
      matmul,
      onProgress: progress('pairs'),
    }))
  const identified =
    lists.search &&
    (await measureTemplateSearch(templates, lists.search, {
      ranks,
      fpir,
      matmul,
      onProgress: progress('templates'),
    }))
  const result = {
    templates: templates.ids.length,
    ...(verified && { verification: jsonOfPairs(verified.figures) }),
    ...(identified && { identification: jsonOf(identified.result) }),
    flip,
  }
  const rows = [
    ...(verified ? rowsOfPairs(verified.figures) : []),
    ...(identified ? rowsOf(identified.result) : []),
    ['templates', `${templates.ids.length}, ${flip ? 'with' : 'without'} flip`] as const,
  ]
  writeOut(json ? `${JSON.stringify(result)}\n` : lines(rows))
  if (report !== undefined)
    await reportTemplates(
      report,
      { files: options, list: lists.media, templates, flip, folds, verified, identified },
      await provenanceOf(model),
      reportEvents,
    )
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
