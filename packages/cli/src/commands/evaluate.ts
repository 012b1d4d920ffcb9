import { writeFileSync } from 'node:fs'
import type { VerificationResult } from '@arcface/evaluate'
import type { Command } from 'commander'
import { addPreprocessing, openModel, type PreprocessingOptions } from '../model/open.js'

interface Options extends PreprocessingOptions {
  model: string
  images?: string
  pairs: string
  flip?: boolean
  json?: boolean
  report?: string
}

export function register(program: Command): void {
  const evaluate = program.command('evaluate').description('Measure a model by a protocol')
  const verification = evaluate
    .command('verification')
    .description('LFW-type verification over folds: accuracy, AUC, TAR at FAR')
    .requiredOption('--model <model>', 'an ONNX file or a run folder')
    .option('--images <dir>', 'where name/name_0001.jpg lies, aligned 112x112; a .bin needs none')
    .requiredOption('--pairs <file>', "a list in the format of LFW's pairs.txt, or a .bin")
    .option('--flip', 'add the embedding of the mirror image')
    .option('--report <file>', 'also write an HTML page with ROC and histogram')
    .option('--json', 'print the result as one JSON object; all figures are fractions')
  addPreprocessing(verification)
    .addHelpText(
      'after',
      '\nExample, with a model that wants RGB / 255 and ImageNet mean and std:\n' +
        '  $ arcface evaluate verification --model face.onnx --images lfw --pairs lfw/pairs.txt --flip \\\n' +
        '      --range 1 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225',
    )
    .action(run)
}

async function run(options: Options): Promise<void> {
  const { model, images, pairs, flip = false, json, report } = options
  const { openPairs } = await import('@arcface/data')
  const { evaluateVerification } = await import('@arcface/evaluate')
  const list = openPairs(pairs, images)
  const { embed, close } = await openModel(model, options)
  try {
    const onProgress = (done: number, total: number) => {
      if (process.stderr.isTTY)
        process.stderr.write(`\r${done} of ${total} images${done === total ? '\n' : ''}`)
    }
    const result = await evaluateVerification(list, embed, { flip, onProgress })
    if (report !== undefined) await writeReport(report, result, options)
    process.stdout.write(json ? `${JSON.stringify(summary(result, flip))}\n` : table(result, flip))
  } finally {
    await close()
  }
}

const summary = (
  { accuracy, std, threshold, auc, tarAtFar, pairs }: VerificationResult,
  flip: boolean,
) => ({ accuracy, std, threshold, auc, tarAtFar, flip, pairs })

const percent = (fraction: number) => `${(100 * fraction).toFixed(2)} %`

function table(result: VerificationResult, flip: boolean): string {
  const { accuracy, std, threshold, auc, tarAtFar, pairs } = result
  const rows = [
    ['accuracy', `${percent(accuracy)} +- ${percent(std)}`],
    ['threshold', `${threshold.toFixed(4)} (cosine)`],
    ['AUC', auc.toFixed(5)],
    ...Object.entries(tarAtFar).map(([far, tar]) => [`TAR at FAR ${far}`, percent(tar)]),
    ['pairs', `${pairs}, ${flip ? 'with' : 'without'} flip`],
  ]
  return rows.map(([name = '', value]) => `${name.padEnd(18)}${value}\n`).join('')
}

async function writeReport(file: string, result: VerificationResult, options: Options) {
  const { verificationReport } = await import('@arcface/evaluate/report')
  const { model, images, pairs, flip = false } = options
  const page = verificationReport([{ name: flip ? 'with flip' : 'without flip', result }], {
    title: 'Verification',
    facts: [
      ['Model', model],
      ...(images === undefined ? [] : [['Images', images] as const]),
      ['Pairs', pairs],
    ],
    command: `arcface evaluate verification --model ${model}${images === undefined ? '' : ` --images ${images}`} --pairs ${pairs}${flip ? ' --flip' : ''}`,
  })
  writeFileSync(file, page)
}
