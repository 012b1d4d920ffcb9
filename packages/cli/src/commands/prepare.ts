import type { Faces } from '@arcface/vision'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { DEFAULT_MODEL } from '../model/open.js'
import { tellSkipped } from '../model/photographs.js'
import { facesOption, maxPixelsOption } from '../model/recognizer.js'
import { endInterrupted, interruptible } from '../terminal/interrupt.js'
import { warn, writeOut } from '../terminal/printable.js'
import { progress } from '../terminal/progress.js'
import { counted } from '../terminal/words.js'

interface Options {
  detector: string
  faces: Faces
  minScore?: number
  maxPixels?: number
  format: 'jpg' | 'png'
  json?: boolean
}

export function register(program: Command): void {
  program
    .command('prepare')
    .description('Photographs to aligned 112x112 faces, in the same folders')
    .argument('<source>', 'a folder of photographs, a folder a person')
    .argument('<target>', 'where the faces go')
    .option('--detector <model>', 'a model pack, or an ONNX file: YuNet, SCRFD', DEFAULT_MODEL)
    .addOption(facesOption(['largest', 'central', 'only', 'all']))
    .option('--min-score <score>', "faces below are left out (default: the detector's own)", score)
    .addOption(
      new Option('--format <format>', 'of the faces').choices(['jpg', 'png']).default('jpg'),
    )
    .addOption(maxPixelsOption())
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      '\nInterrupted, the same command goes on. <target>.jsonl tells what became of each photograph,\n<target>.skipped.csv which were left out and why.\n\nExamples:\n  $ arcface prepare photos faces\n  $ arcface prepare photos faces --detector yunet.onnx',
    )
    .action(run)
}

async function run(source: string, target: string, options: Options): Promise<void> {
  const { prepareFolder } = await import('@arcface/recognize')
  const { detector, faces, format, minScore, maxPixels } = options
  const result = await interruptible((signal) =>
    prepareFolder(source, target.replace(/\/+$/, ''), {
      detector,
      faces,
      format,
      ...(minScore !== undefined && { minScore }),
      ...(maxPixels !== undefined && { maxPixels }),
      signal,
      onProgress: progress('photographs'),
    }),
  )
  const list = `${target.replace(/\/+$/, '')}.skipped.csv`
  const { writeWhole } = await import('@arcface/files')
  const { csvText } = await import('@arcface/evaluate/report')
  const rows = result.skipped.map(({ photo, reason }) => [photo, reason])
  writeWhole(list, csvText(['photo', 'reason'], rows))
  if (options.json) writeOut(`${JSON.stringify({ source, target, ...result })}\n`)
  else {
    writeOut(
      `${counted(result.photos, 'photograph')}: ${counted(result.faces, 'face')}, ${result.skipped.length} skipped; list in ${list}\n`,
    )
    for (const warning of result.warnings) warn(warning)
    tellSkipped('skipped', result.skipped.slice(0, 10))
  }
  if (!result.finished) endInterrupted()
}

function score(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value > 0 && value <= 1) return value
  throw new InvalidArgumentError('a number above 0 and up to 1')
}
