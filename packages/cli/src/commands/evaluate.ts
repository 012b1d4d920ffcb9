import type { VerificationResult } from '@arcface/evaluate'
import type { Command } from 'commander'
import { DEFAULT_MODEL, openModel } from '../model/open.js'
import { addPreprocessing, type PreprocessingOptions } from '../model/preprocessing.js'
import { provenanceOf } from '../model/provenance.js'
import { warn, writeOut } from '../terminal/printable.js'
import { progress } from '../terminal/progress.js'
import { lines } from '../terminal/table.js'
import { percent } from '../terminal/words.js'
import * as groups from './evaluate-groups.js'
import * as identification from './evaluate-identification.js'
import * as pad from './evaluate-pad.js'
import * as quality from './evaluate-quality.js'
import * as scores from './evaluate-scores.js'
import { reportEvents } from './evaluate-shared.js'
import * as templates from './evaluate-templates.js'
import * as threshold from './evaluate-threshold.js'

interface Options extends PreprocessingOptions {
  model: string
  images?: string
  pairs: string
  flip?: boolean
  json?: boolean
  report?: string
}

export function register(program: Command): void {
  const evaluate = program
    .command('evaluate')
    .description('Measure a model by a protocol')
    .addHelpText(
      'after',
      '\nExample:\n  $ arcface evaluate verification --images lfw --pairs lfw/pairs.txt',
    )
  const verification = evaluate
    .command('verification')
    .description('LFW-type verification over folds: accuracy, AUC, TAR at FAR')
    .option('--model <model>', 'a model pack, an ONNX file or a run folder', DEFAULT_MODEL)
    .option('--images <dir>', 'where name/name_0001.jpg lies, aligned 112x112; a .bin needs none')
    .requiredOption('--pairs <file>', "a list in the format of LFW's pairs.txt, or a .bin")
    .option('--flip', 'add the embedding of the mirror image')
    .option('--report <dir>', 'also write report.html, report.json and CSV files there')
    .option('--json', 'print the result as one JSON object; all figures are fractions')
  addPreprocessing(verification)
    .addHelpText(
      'after',
      '\nExample, with a model that wants RGB / 255 and ImageNet mean and std:\n' +
        '  $ arcface evaluate verification --model face.onnx --images lfw --pairs lfw/pairs.txt --flip \\\n' +
        '      --range 1 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225',
    )
    .action(run)
  for (const { register: add } of [
    identification,
    templates,
    threshold,
    pad,
    quality,
    scores,
    groups,
  ])
    add(evaluate)
  // Before hours of measuring, not after.
  evaluate.hook('preAction', async (_, command) => {
    const { report } = command.opts<{ report?: string }>()
    if (report !== undefined) (await import('@arcface/files')).makeFolder(report)
  })
}

async function run(options: Options): Promise<void> {
  const { model, images, pairs, flip = false, json, report } = options
  const { openPairs } = await import('@arcface/data')
  const { evaluateVerification, evaluateVerificationBoth, listWarnings, reportVerification } =
    await import('@arcface/evaluate/run')
  const list = openPairs(pairs, images)
  listWarnings(list).forEach(warn)
  const { embed, close } = await openModel(model, options)
  try {
    const onProgress = progress('images')
    // Both for the price of the second.
    const both = flip ? await evaluateVerificationBoth(list, embed, { onProgress }) : undefined
    const result = both?.flip ?? (await evaluateVerification(list, embed, { onProgress }))
    // First: a report that cannot be written loses no figure.
    writeOut(json ? `${JSON.stringify(summary(result, flip))}\n` : table(result, flip))
    if (report !== undefined)
      await reportVerification(
        report,
        both
          ? [
              { name: 'without flip', result: both.plain },
              { name: 'with flip', result },
            ]
          : [{ name: 'without flip', result }],
        { list, pairs, images },
        await provenanceOf(model),
        reportEvents,
      )
  } finally {
    await close()
  }
}

const summary = (
  { accuracy, std, threshold, auc, tarAtFar, foldedTarAtFar, pairs }: VerificationResult,
  flip: boolean,
) => ({ accuracy, std, threshold, auc, tarAtFar, foldedTarAtFar, flip, pairs })

function table(result: VerificationResult, flip: boolean): string {
  const { accuracy, std, threshold, auc, tarAtFar, pairs } = result
  return lines([
    ['accuracy', `${percent(accuracy)} +- ${percent(std)}`],
    ['threshold', `${threshold.toFixed(4)} (cosine)`],
    ['AUC', auc.toFixed(5)],
    ...Object.entries(tarAtFar).map(([far, tar]) => [`TAR at FAR ${far}`, percent(tar)] as const),
    ['pairs', `${pairs}, ${flip ? 'with' : 'without'} flip`],
  ])
}
