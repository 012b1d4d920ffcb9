import type { PadRate, PadResult } from '@arcface/evaluate'
import type { Command } from 'commander'
import { tellSkipped } from '../model/photographs.js'
import { provenanceOfFile } from '../model/provenance.js'
import { addQuality, type QualityOptions, qualityOption } from '../model/quality.js'
import { maxPixelsOption } from '../model/recognizer.js'
import { integer, share } from '../terminal/numbers.js'
import { warn, writeOut } from '../terminal/printable.js'
import { progressOf } from '../terminal/progress.js'
import { columns, lines } from '../terminal/table.js'
import { percent } from '../terminal/words.js'
import { reportEvents } from './evaluate-shared.js'

interface Options extends QualityOptions {
  liveness?: string
  livenessThreshold?: number
  detector?: string
  maxPixels?: number
  replicates: number
  report?: string
  json?: boolean
}

export function register(evaluate: Command): void {
  const pad = evaluate
    .command('pad')
    .description('Attacks taken for living people, and living people refused (ISO/IEC 30107-3)')
    .argument('<dir>', 'holds live and attack/<species>, in each a folder a person, or none')
    .option('--liveness <pack>', 'a pack with networks for liveness (default: faceplugin)')
    .option('--liveness-threshold <score>', "living from it on, instead of the pack's own", share)
    .option('--detector <model>', "a pack or an ONNX file (default: the pack's own)")
  addQuality(pad)
    .addOption(maxPixelsOption())
    .option('--replicates <n>', 'draws of people for the intervals', integer, 1000)
    .option('--report <dir>', 'also write report.html, report.json and CSV files there')
    .option('--json', 'print the result as one JSON object; all figures are fractions')
    .addHelpText('after', '\nExample:\n  $ arcface evaluate pad presented --report pad')
    .action(run)
}

async function run(folder: string, options: Options): Promise<void> {
  const { liveness: pack, livenessThreshold: threshold, detector, maxPixels } = options
  const { replicates, report, json } = options
  const { evaluatePad, openPresentations, reportPad } = await import('@arcface/evaluate/run')
  const { openLivenessScorer, smallPhoto } = await import('@arcface/recognize')
  const { SIMULATED } = await import('@arcface/data')
  const presented = openPresentations(folder)
  presented.warnings.forEach(warn)
  const quality = qualityOption(options)
  const scorer = await openLivenessScorer({ pack, threshold, detector, maxPixels, quality })
  try {
    const measured = await evaluatePad(presented, scorer, { replicates, onProgress: progressOf() })
    const { result, skipped } = measured
    tellSkipped('skipped', skipped, json ? undefined : 20)
    writeOut(json ? `${JSON.stringify({ ...result, skipped })}\n` : await tables(result))
    if (report !== undefined)
      await reportPad(
        report,
        measured,
        {
          folder,
          weights: scorer.weights,
          simulated: SIMULATED,
          picture: async (file) => {
            const small = await smallPhoto(file, 224, { maxPixels })
            return `data:image/jpeg;base64,${Buffer.from(small).toString('base64')}`
          },
        },
        await provenanceOfFile(scorer.pack, scorer.weights[0]!),
        reportEvents,
      )
  } finally {
    await scorer.close()
  }
}

/** A table of the species for each detector, and what its thresholds give. */
async function tables({ living, species, detectors }: PadResult): Promise<string> {
  const { rateWords } = await import('@arcface/evaluate')
  const kinds = [...species, { name: 'living people', ...living }]
  const parts = detectors.map(({ name, own, atApcer, atBpcer }) => {
    const cells = (rates: readonly (PadRate | null)[]) => rates.map(rateWords)
    const wrong = own ? [...cells(own.apcer), rateWords(own.bpcer)] : []
    const at5 = atBpcer.find(({ bpcer }) => bpcer === 0.05) ?? atBpcer[0]!
    const fixed = cells(at5.apcer)
    const rows = kinds.map((kind, i) => [
      kind.name,
      `${kind.presentations}`,
      percent(kind.nonResponse.value),
      ...(own ? [wrong[i]!] : []),
      fixed[i] ?? '',
    ])
    const head = [
      'presented',
      'no answer',
      ...(own ? ['wrong'] : []),
      `APCER at BPCER ${percent(at5.bpcer)}`,
    ]
    return (
      `${name}${own ? `: living from ${own.threshold} on` : ''}\n` +
      columns([['', ...head], ...rows]) +
      lines(
        atApcer.map(({ apcer, bpcer, threshold, species: asks }) => [
          `BPCER at APCER ${percent(apcer)}`,
          `${rateWords(bpcer)}${threshold === null ? ' (no threshold)' : ` (from ${threshold.toFixed(4)} on${asks === null ? '' : `, for ${asks}`})`}`,
        ]),
      )
    )
  })
  return parts.join('\n')
}
