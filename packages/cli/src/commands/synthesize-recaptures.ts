import type { Command } from 'commander'
import { DEFAULT_MODEL } from '../model/open.js'
import { tellSkipped } from '../model/photographs.js'
import { maxPixelsOption } from '../model/recognizer.js'
import { seed } from '../terminal/numbers.js'
import { writeOut } from '../terminal/printable.js'
import { progress } from '../terminal/progress.js'
import { counted, countedPeople } from '../terminal/words.js'

interface Options {
  photos: string
  out: string
  seed: number
  detector: string
  maxPixels?: number
  json?: boolean
}

export function register(synthesize: Command): void {
  synthesize
    .command('recaptures')
    .description('Draw simulated prints, screens, cut-outs and replayed videos of photographs')
    .requiredOption('--photos <dir>', 'photographs, a folder a person or none')
    .requiredOption(
      '--out <dir>',
      'the folder to fill with live and attack/<species>; must be empty or missing',
    )
    .option('--seed <n>', 'decides everything; another seed draws others', seed, 1)
    .option('--detector <model>', 'a model pack, or an ONNX file: YuNet, SCRFD', DEFAULT_MODEL)
    .addOption(maxPixelsOption())
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      '\nThey are drawings, named so: what a detector of attacks makes of them says nothing of real attacks.\n' +
        '\nExample:\n  $ arcface synthesize recaptures --photos people --out recaptured\n' +
        '  $ arcface evaluate pad recaptured --report pad',
    )
    .action(run)
}

async function run(_: Options, command: Command): Promise<void> {
  // Commander gives options that `synthesize` has too, as --seed, to it.
  const { photos, out, seed, detector, maxPixels, json } = command.optsWithGlobals<Options>()
  const { recaptureFolder } = await import('@arcface/recognize')
  const start = performance.now()
  const bar = progress('photographs')
  const result = await recaptureFolder(photos, out, { seed, detector, maxPixels, onProgress: bar })
  const seconds = (performance.now() - start) / 1000
  tellSkipped('skipped', result.skipped, json ? undefined : 20)
  writeOut(
    json
      ? `${JSON.stringify({ out, ...result, seconds })}\n`
      : `${out}: ${counted(result.pictures, 'picture')} of ${result.species.join(', ')} from ${counted(result.photos, 'photograph')} of ${countedPeople(result.people)} in ${seconds.toFixed(1)} s\n`,
  )
}
