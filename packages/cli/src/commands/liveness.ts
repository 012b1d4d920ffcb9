import type { Faces, LiveFace } from '@arcface/vision'
import type { Command } from 'commander'
import { livenessInWords, standsInWords } from '../model/liveness.js'
import { DEFAULT_MODEL } from '../model/open.js'
import { photographsOf, tellSkipped } from '../model/photographs.js'
import { addQuality, type QualityOptions, qualityOption } from '../model/quality.js'
import { facesOption, maxPixelsOption } from '../model/recognizer.js'
import { tellError } from '../terminal/errors.js'
import { share } from '../terminal/numbers.js'
import { printable, writeOut } from '../terminal/printable.js'

interface Options extends QualityOptions {
  pack: string
  detector: string
  threshold?: number
  faces: Faces
  maxPixels?: number
  json?: boolean
}

export function register(program: Command): void {
  const liveness = program
    .command('liveness')
    .description('Do the faces of photographs look living, or like pictures of faces?')
    .argument('<photos...>', 'whole photographs, or folders of them')
    .option('--pack <name>', 'a model pack with networks for it', DEFAULT_MODEL)
    .option('--detector <model>', 'a model pack, or an ONNX file: YuNet, SCRFD', DEFAULT_MODEL)
    .option('--threshold <score>', "living from it on, instead of the pack's own", share)
    .addOption(facesOption(['all', 'largest', 'central', 'only']))
    .addOption(maxPixelsOption())
    .option('--json', 'print the result as one JSON object')
  addQuality(liveness)
    .addHelpText(
      'after',
      '\nA network judges the texture of one picture: it stops plain prints and screens, not everything; see docs/trust.md.\n\nExample:\n  $ arcface liveness door.jpg',
    )
    .action(run)
}

async function run(paths: string[], options: Options, command: Command): Promise<void> {
  const { pack, detector, threshold, faces, maxPixels, json } = options
  const { FaceFinder } = await import('@arcface/vision')
  const { isOfPhoto, openDetector, openLiveness, resolveDetector, usePhoto } = await import(
    '@arcface/recognize'
  )
  const { files: photos, passedOver } = await photographsOf(paths)
  if (photos.length === 0) command.error(`error: no photograph in ${paths.join(', ')}`)
  if (!json) tellSkipped('passed over', passedOver)
  const checker = await openLiveness(pack, { pack, threshold })
  try {
    const { path, landmarks } = await resolveDetector(detector, detector)
    const finder = new FaceFinder(await openDetector(path, { landmarks }), qualityOption(options))
    try {
      const results: { photo: string; faces: LiveFace[]; skipped?: string }[] = []
      for (const photo of photos) {
        const found = await usePhoto(photo, { maxPixels }, async (pixels) => {
          const cut = await finder.find(pixels, { faces, name: photo })
          return checker.checkAll(
            pixels,
            cut.map(({ pixels: _, ...face }) => face),
          )
        }).catch((error) => {
          // One that cannot be read keeps nobody from the others.
          if (!isOfPhoto(error)) throw error
          tellError(error)
          process.exitCode = 1
          results.push({ photo, faces: [], skipped: error.message })
        })
        if (found === undefined) continue
        results.push({ photo, faces: found })
        if (!json) tell(photo, found)
      }
      const all = results.flatMap((one) => one.faces)
      if (json) writeOut(`${JSON.stringify({ photos: results, passedOver })}\n`)
      else
        for (const stands of new Set(all.map((face) => standsInWords(face.liveness.stands))))
          writeOut(`${printable(stands)}\n`)
    } finally {
      await finder.close()
    }
  } finally {
    await checker.close()
  }
}

function tell(photo: string, faces: readonly LiveFace[]): void {
  if (faces.length === 0) writeOut(`${printable(photo)}: no face found\n`)
  for (const { box, liveness } of faces) {
    const at = `${Math.round(box.x)},${Math.round(box.y)}`
    writeOut(`${printable(photo)} at ${at}: ${livenessInWords(liveness)}\n`)
  }
}
