import type { ThresholdResult } from '@arcface/evaluate'
import { type Command, InvalidArgumentError } from 'commander'
import { addPreprocessing, openModel, type PreprocessingOptions } from '../model/open.js'
import { printable, writeErr, writeOut } from '../printable.js'
import { progress } from '../progress.js'
import { integer, lines, percent } from './evaluate-shared.js'

interface Options extends PreprocessingOptions {
  model: string
  images?: string
  pairs: string
  far: number
  flip?: boolean
  replicates: number
  json?: boolean
}

export function register(evaluate: Command): void {
  const threshold = evaluate
    .command('threshold')
    .description('The threshold for a wanted FAR, its interval, and whether the pairs support it')
    .requiredOption('--model <model>', 'an ONNX file or a run folder')
    .option('--images <dir>', 'where name/name_0001.jpg lies, aligned 112x112; a .bin needs none')
    .requiredOption('--pairs <file>', "a list in the format of LFW's pairs.txt, or a .bin")
    .requiredOption('--far <rate>', 'the false accept rate wanted, for example 1e-3', rate)
    .option('--flip', 'add the embedding of the mirror image')
    .option('--replicates <n>', 'draws of people for the intervals', integer, 1000)
    .option('--json', 'print the result as one JSON object; all figures are fractions')
  addPreprocessing(threshold)
    .addHelpText(
      'after',
      '\nExample:\n  $ arcface evaluate threshold --model face.onnx --images lfw --pairs lfw/pairs.txt --far 1e-2',
    )
    .action(run)
}

async function run(options: Options): Promise<void> {
  const { model, images, pairs, far, flip = false, replicates, json } = options
  const { openPairs } = await import('@arcface/data')
  const { pairSample, pairSimilarities, thresholdForFar } = await import('@arcface/evaluate')
  const { peopleOf, warnOfPairs } = await import('./evaluate-people.js')
  const list = openPairs(pairs, images)
  warnOfPairs(list)
  const { embed, close } = await openModel(model, options)
  try {
    const onProgress = progress('images')
    const similarities = await pairSimilarities(list, embed, { flip, onProgress })
    const sample = pairSample(similarities, list.same, list.a, list.b, peopleOf(list))
    const result = thresholdForFar(sample, far, { replicates })
    if (result.warning !== undefined) writeErr(`warning: ${printable(result.warning)}\n`)
    writeOut(
      json
        ? `${JSON.stringify({ ...result, warning: result.warning ?? null, flip })}\n`
        : table(result),
    )
  } finally {
    await close()
  }
}

function table(result: ThresholdResult): string {
  const { threshold, thresholdInterval, reachedFar, reachedFarInterval, tar, tarInterval } = result
  const between = (low: string, high: string) => ` [${low}, ${high}]`
  const rate = ({ low, high }: { low: number; high: number }) =>
    between(percent(low), percent(high))
  const { low, high } = thresholdInterval
  return lines([
    [
      'threshold',
      `${threshold.toFixed(4)}${between(low.toFixed(4), high.toFixed(4))} (accept a cosine above it)`,
    ],
    ['FAR there', `${percent(reachedFar)}${rate(reachedFarInterval)}, wanted ${result.far}`],
    ['TAR there', `${percent(tar)}${rate(tarInterval)}`],
    ['impostor pairs', `${result.impostors} of ${result.identities} people`],
    ['expected false matches', Number(result.expectedFalseMatches.toPrecision(3)).toString()],
    ['support of the claim', result.support],
    ['smallest FAR supported', Number(result.smallestFar.toPrecision(2)).toString()],
  ])
}

function rate(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('It must be between 0 and 1.')
  return value
}
