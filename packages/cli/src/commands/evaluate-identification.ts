import type { IdentificationResult } from '@arcface/evaluate'
import type { Command } from 'commander'
import { DEFAULT_MODEL, openModel } from '../model/open.js'
import { addPreprocessing, type PreprocessingOptions } from '../model/preprocessing.js'
import { provenanceOf } from '../model/provenance.js'
import { integers, rates } from '../terminal/numbers.js'
import { warn, writeOut } from '../terminal/printable.js'
import { progressOf } from '../terminal/progress.js'
import { repeated } from '../terminal/repeated.js'
import { lines } from '../terminal/table.js'
import { jsonOf, rowsOf } from './evaluate-figures.js'
import { reportEvents } from './evaluate-shared.js'

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
  const { evaluateIdentification, evaluateMegaface, firstEnrolled, reportIdentification } =
    await import('@arcface/evaluate/run')
  const open = (folders: string[]) => {
    const set = openFolders(folders)
    set.warnings.forEach(warn)
    return set
  }
  const others = distractors.length > 0 ? open(distractors) : undefined
  const { embed, close } = await openModel(model, options)
  try {
    const { ranks, fpir, far, report } = options
    const given = { embed, flip, ranks, far, matmul: onnxMatMul(), onProgress: progressOf() }
    const sets = () =>
      images === undefined
        ? { gallery: open([gallery!]), probes: open([probes!]) }
        : firstEnrolled(open([images]))
    const measured = megaface
      ? await evaluateMegaface(open([images!]), others!, given)
      : await evaluateIdentification({ ...sets(), distractors: others }, { ...given, fpir })
    const { result } = measured
    const whole = { protocol: result.protocol, ...jsonOf(result), flip }
    writeOut(json ? `${JSON.stringify(whole)}\n` : table(result, flip))
    if (report !== undefined)
      await reportIdentification(
        report,
        measured,
        { images, gallery, probes, distractors: options.distractors },
        await provenanceOf(model),
        reportEvents,
      )
  } finally {
    await close()
  }
}

function table(result: IdentificationResult, flip: boolean): string {
  const { protocol, mated, probes, gallery, distractors } = result
  return lines([
    ...rowsOf(result),
    [protocol === 'megaface' ? 'couples' : 'probes with a mate', `${mated}`],
    ['probes', `${probes}, ${flip ? 'with' : 'without'} flip`],
    ['gallery', `${gallery}, ${distractors} of them distractors`],
  ])
}
