import { basename } from 'node:path'
import type { CalibrationResult, DrawnRate, Interval, ThresholdResult } from '@arcface/evaluate'
import type { Thresholds } from '@arcface/onnx'
import { type Command, Option } from 'commander'
import { embedFiles } from '../model/embed.js'
import { openModel } from '../model/open.js'
import { photographsOf, tellSkipped } from '../model/photographs.js'
import { addPreprocessing, type PreprocessingOptions } from '../model/preprocessing.js'
import { cosine, integer, rate } from '../terminal/numbers.js'
import { printable, warn, writeErr, writeOut } from '../terminal/printable.js'
import { progressOf } from '../terminal/progress.js'
import { lines } from '../terminal/table.js'
import { percent } from '../terminal/words.js'
import { jsonOf, rowsOf } from './evaluate-calibration.js'
import { scoredSet } from './evaluate-scores.js'
import { acrossOrPairs, addPairSource } from './evaluate-shared.js'

interface Options extends PreprocessingOptions {
  model: string
  detector?: string
  images?: string[]
  pairs?: string
  far?: number
  threshold?: number
  leaveOutDoubtful?: boolean
  calibrate?: boolean
  prior?: number
  out?: string
  flip?: boolean
  replicates: number
  json?: boolean
}

export function register(evaluate: Command): void {
  const threshold = addPairSource(
    evaluate
      .command('threshold')
      .description('The thresholds of a model, and which false accept rates the pairs support'),
  )
    .option('--far <rate>', 'the threshold at this false accept rate, with its interval', rate)
    .addOption(
      new Option(
        '--threshold <cosine>',
        'instead of all this what a threshold of yours gives: FAR and FRR, with their intervals',
      )
        .argParser(cosine)
        .conflicts(['far', 'leaveOutDoubtful', 'calibrate', 'prior', 'out']),
    )
    .option(
      '--leave-out-doubtful',
      'across people: join folders of one person, leave out faces of somebody of another folder',
    )
    .option(
      '--calibrate',
      'how likely a cosine is of one person, stored with the thresholds: verify then says it',
    )
    .option(
      '--prior <share>',
      'of genuine pairs among those that will be compared, for --calibrate (default: 0.5)',
      rate,
    )
    .option('--out <file>', 'write the thresholds there, for export, identify, verify --thresholds')
    .option(
      '--detector <model>',
      "for photographs: a pack or an ONNX file (default: the model's own)",
    )
    .option('--flip', 'add the embedding of the mirror image')
    .option('--replicates <n>', 'draws of people for the intervals', integer, 1000)
    .option('--json', 'print the result as one JSON object; all figures are fractions')
  addPreprocessing(threshold)
    .addHelpText(
      'after',
      '\nExamples:\n  $ arcface evaluate threshold --model face.onnx --images strangers --out thresholds.json\n  $ arcface evaluate threshold --model face.onnx --images lfw --pairs lfw/pairs.txt --far 1e-2\n  $ arcface evaluate threshold --images lfw --pairs lfw/pairs.txt --threshold 0.35\n  $ arcface evaluate threshold --model face.onnx --images strangers --calibrate --prior 0.9 --out thresholds.json',
    )
    .action(run)
}

async function run(options: Options, command: Command): Promise<void> {
  const of = acrossOrPairs(options, command)
  if (options.threshold !== undefined) return await ratesThere(options.threshold, of, options)
  const { images, pairs } = of
  if (pairs !== undefined && options.leaveOutDoubtful)
    command.error('error: --leave-out-doubtful is for folders of people; --pairs is taken as it is')
  if (options.prior !== undefined && !options.calibrate)
    command.error('error: a prior is for --calibrate')
  if (pairs === undefined) await acrossPeople(images, options)
  else await ofPairs(pairs, images[0], options)
}

async function acrossPeople(folders: readonly string[], options: Options): Promise<void> {
  const { checkCalibrationFolders, thresholdsAcross } = await import('@arcface/evaluate/run')
  const { pairsAbove } = await import('@arcface/recognize')
  const { files, passedOver } = await photographsOf(folders)
  const { calibrate, prior, replicates } = options
  if (calibrate) checkCalibrationFolders(files)
  const { dim, results, close } = await embedFiles(files, { ...options, faces: 'largest' })
  try {
    const { thresholds, calibrated, ...found } = await thresholdsAcross(results, dim, {
      source: folders.map((folder) => basename(folder)).join(', '),
      leaveOutDoubtful: options.leaveOutDoubtful,
      calibrate: calibrate ? { prior, replicates } : undefined,
      total: files.length,
      pairsAbove,
      onProgress: progressOf(),
    })
    const skipped = [...passedOver, ...found.skipped]
    for (const [a, b] of found.merged) tell(`${a} and ${b} are taken for one person`)
    for (const { photo, why } of found.leftOut) tell(`left out ${photo}: ${why}`)
    tellSkipped('skipped', skipped)
    await write(options, thresholds, calibrated, { ...found, skipped })
  } finally {
    await close()
  }
}

async function ofPairs(pairs: string, images: string | undefined, options: Options): Promise<void> {
  const { model, far, flip = false, replicates, json } = options
  const { openPairs } = await import('@arcface/data')
  const { calibrate, impostorsOf, measureThresholds, thresholdForFar } = await import(
    '@arcface/evaluate'
  )
  const { checkCalibrationPairs, listWarnings, samplePairs } = await import('@arcface/evaluate/run')
  const list = openPairs(pairs, images)
  listWarnings(list).forEach(warn)
  if (options.calibrate) checkCalibrationPairs(list)
  const { embed, close } = await openModel(model, options)
  try {
    const sample = await samplePairs(list, embed, { flip, onProgress: progressOf() })
    const source = basename(pairs)
    const { prior } = options
    const calibrated = options.calibrate
      ? calibrate(sample, { prior, source, images: list.images.length, replicates })
      : undefined
    const measure = () => ({
      ...measureThresholds(impostorsOf(sample), source),
      ...(calibrated && { calibration: calibrated.calibration }),
    })
    if (far === undefined) return await write(options, measure(), calibrated, {})
    const result = thresholdForFar(sample, far, { replicates })
    if (options.out !== undefined) await save(options.out, measure())
    if (result.warning !== undefined) warn(result.warning)
    writeOut(
      json
        ? `${JSON.stringify({ ...result, warning: result.warning ?? null, flip, ...(calibrated && { calibration: calibrated.calibration, ...jsonOf(calibrated) }) })}\n`
        : lines([...rowsOfThreshold(result), ...(calibrated ? rowsOf(calibrated) : [])]),
    )
  } finally {
    await close()
  }
}

/** Prints thresholds, and stores them where that is wanted. */
async function write(
  options: Options,
  thresholds: Thresholds,
  calibrated: CalibrationResult | undefined,
  found: object,
): Promise<void> {
  const { far, json, out } = options
  const { thresholdAt } = await import('@arcface/vision')
  const wanted = far === undefined ? undefined : thresholdAt(thresholds, far)
  if (out !== undefined) await save(out, thresholds)
  if (json) {
    writeOut(
      `${JSON.stringify({ ...thresholds, ...(wanted && { wanted }), ...(calibrated && jsonOf(calibrated)), ...found })}\n`,
    )
    return
  }
  const { pairs, people, smallestFar, tail } = thresholds.impostors!
  writeOut(
    lines([
      ...Object.entries(thresholds.cosine).map(
        ([far, cosine]) => [`FAR ${far}`, `cosine > ${cosine.toFixed(4)}`] as const,
      ),
      ...(wanted
        ? [
            [
              `FAR ${far}`,
              `cosine > ${wanted.threshold.toFixed(4)}${wanted.supported ? '' : ', extrapolated'}`,
            ] as const,
          ]
        : []),
      ['impostor pairs', `${pairs} of ${people} people`],
      ['smallest FAR supported', short(smallestFar)],
      [
        'tail beyond',
        tail
          ? `generalised Pareto above ${tail.level.toFixed(4)} (${short(tail.rate)} of the pairs), shape ${tail.shape.toFixed(3)}, scale ${tail.scale.toFixed(4)}`
          : 'too few pairs to fit',
      ],
      ...(calibrated ? rowsOf(calibrated) : []),
    ]),
  )
}

async function save(path: string, thresholds: Thresholds): Promise<void> {
  const { writeWhole } = await import('@arcface/files')
  writeWhole(path, `${JSON.stringify(thresholds, null, 2)}\n`)
}

const tell = (text: string) => writeErr(`${printable(text)}\n`)

const between = ({ low, high }: Interval, text = percent) => ` [${text(low)}, ${text(high)}]`

/** What a threshold of the caller's gives. */
async function ratesThere(
  threshold: number,
  of: { readonly images: readonly string[]; readonly pairs: string | undefined },
  options: Options,
): Promise<void> {
  const { ratesOfSamples, samplesOf } = await import('@arcface/evaluate')
  const { replicates, json } = options
  const { set, skipped } = await scoredSet(of, options)
  const rates = ratesOfSamples(samplesOf(set), threshold, { replicates })
  if (json) {
    const { source, flip } = set
    writeOut(`${JSON.stringify({ ...rates, source, flip, ...(skipped && { skipped }) })}\n`)
    return
  }
  const { far, frr, falseAccepts, impostors, falseRejects, genuine } = rates
  const rate = ({ value, interval }: DrawnRate) =>
    `${percent(value)}${interval ? between(interval) : ', too few people for an interval'}`
  writeOut(
    lines([
      ['threshold', `${threshold} (accept a cosine above it)`],
      ['FAR there', `${rate(far)}, ${falseAccepts} of ${impostors} impostor pairs`],
      ['FRR there', `${rate(frr)}, ${falseRejects} of ${genuine} genuine pairs`],
    ]),
  )
}

function rowsOfThreshold(result: ThresholdResult): (readonly [string, string])[] {
  const { threshold, thresholdInterval, reachedFar, reachedFarInterval, tar, tarInterval } = result
  return [
    [
      'threshold',
      `${threshold.toFixed(4)}${between(thresholdInterval, (cosine) => cosine.toFixed(4))} (accept a cosine above it)`,
    ],
    ['FAR there', `${percent(reachedFar)}${between(reachedFarInterval)}, wanted ${result.far}`],
    ['TAR there', `${percent(tar)}${between(tarInterval)}`],
    ['impostor pairs', `${result.impostors} of ${result.identities} people`],
    ['expected false matches', Number(result.expectedFalseMatches.toPrecision(3)).toString()],
    ['support of the claim', result.support],
    ['smallest FAR supported', result.smallestFar === null ? 'none' : short(result.smallestFar)],
  ]
}

const short = (value: number) => Number(value.toPrecision(2)).toString()
