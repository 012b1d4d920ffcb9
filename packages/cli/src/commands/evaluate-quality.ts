import type { DiscardResult } from '@arcface/evaluate'
import { type Command, Option } from 'commander'
import { embedFiles } from '../model/embed.js'
import { photographsOf, tellSkipped } from '../model/photographs.js'
import { addPreprocessing, type PreprocessingOptions } from '../model/preprocessing.js'
import { provenanceOf } from '../model/provenance.js'
import { integer } from '../terminal/numbers.js'
import { warn, writeOut } from '../terminal/printable.js'
import { progressOf } from '../terminal/progress.js'
import { lines } from '../terminal/table.js'
import { percent } from '../terminal/words.js'
import { acrossOrPairs, addPairSource, reportEvents } from './evaluate-shared.js'

interface Options extends PreprocessingOptions {
  model: string
  images?: string[]
  pairs?: string
  detector?: string
  measure?: 'grafiqs'
  block?: string
  flip?: boolean
  replicates: number
  report?: string
  json?: boolean
}

export function register(evaluate: Command): void {
  const quality = addPairSource(
    evaluate
      .command('quality')
      .description('Whether figures of quality tell which comparisons fail: error versus discard'),
  )
    .addOption(
      new Option(
        '--measure <name>',
        'another figure beside those of every face; grafiqs: of aligned faces, by the network of a run',
      ).choices(['grafiqs']),
    )
    .option(
      '--block <name>',
      'of the network, whose output grafiqs looks at (default: its third stage)',
    )
    .option(
      '--detector <model>',
      "for photographs: a pack or an ONNX file (default: the model's own)",
    )
    .option('--flip', 'add the embedding of the mirror image')
    .option('--replicates <n>', 'draws of people for the intervals', integer, 1000)
    .option(
      '--report <dir>',
      'also write report.html, report.json, curves.csv and images.csv there',
    )
    .option('--json', 'print the result as one JSON object; all figures are fractions')
  addPreprocessing(quality)
    .addHelpText(
      'after',
      '\nExamples:\n  $ arcface evaluate quality --images lfw --pairs lfw/pairs.txt --report quality\n' +
        '  $ arcface evaluate quality --images photographs\n' +
        '  $ arcface evaluate quality --model runs/r18 --images lfw --pairs lfw/pairs.txt --measure grafiqs',
    )
    .action(run)
}

async function run(options: Options, command: Command): Promise<void> {
  const { images, pairs } = acrossOrPairs(options, command)
  const { model, measure, block, replicates, report, json } = options
  const { isRun, pairsAbove } = await import('@arcface/recognize')
  if (measure !== undefined && !isRun(model))
    command.error('error: grafiqs looks into a network of ours: give --model the folder of a run')
  if (block !== undefined && measure === undefined) command.error('error: --block is for --measure')
  const { evaluateQuality, listWarnings, reportQuality } = await import('@arcface/evaluate/run')
  const { REFUSED } = await import('@arcface/evaluate')
  const { imageFile, openPairs } = await import('@arcface/data')
  const list = pairs === undefined ? undefined : openPairs(pairs, images[0])
  if (list?.images.some((image) => imageFile(image) === null))
    command.error('error: quality is measured of files; a .bin holds none')
  if (list) listWarnings(list).forEach(warn)
  const { files, passedOver } = list
    ? { files: list.images.flatMap((image) => imageFile(image) ?? []), passedOver: [] }
    : await photographsOf(images)
  const grafiqs = measure && (await (await import('@arcface/train')).openGrafiqs(model, { block }))
  try {
    const {
      results: faces,
      thresholds,
      close,
    } = await embedFiles(files, {
      ...options,
      faces: 'largest',
      anyQuality: true,
    })
    try {
      const measured = await evaluateQuality(faces, {
        list,
        usual: thresholds?.norm,
        ...(grafiqs && { measures: { grafiqs: grafiqs.measure } }),
        pairsAbove,
        total: files.length,
        replicates,
        onProgress: progressOf(),
      })
      const { figures: _, ...told } = measured
      const skipped = [...passedOver, ...measured.skipped]
      tellSkipped('skipped', skipped, json ? undefined : 20)
      writeOut(
        json
          ? `${JSON.stringify({ refused: REFUSED, ...told, skipped })}\n`
          : table(measured.results, REFUSED.indexOf(0.2)),
      )
      if (report !== undefined)
        await reportQuality(
          report,
          measured,
          { images, pairs, list },
          await provenanceOf(model),
          reportEvents,
        )
    } finally {
      await close()
    }
  } finally {
    grafiqs?.close()
  }
}

/** @param fifth where a curve has the share of a fifth */
const table = (results: readonly DiscardResult[], fifth: number): string =>
  lines(
    results.flatMap(({ name, unknown, curves }) =>
      curves.map(({ fmr, fnmr, fall, worth }) => {
        const range = fall.interval
          ? ` [${percent(fall.interval.low)}, ${percent(fall.interval.high)}]`
          : ''
        const missing = unknown > 0 ? `, not known of ${unknown} images` : ''
        return [
          `${name}, FMR ${fmr}`,
          `FNMR ${percent(fnmr[0]!.value)}, without the worst fifth ${percent(fnmr[fifth]!.value)}: ${percent(fall.value)} less${range}, worth ${worth.value.toFixed(2)}${missing}`,
        ] as const
      }),
    ),
  )
