import type { Command } from 'commander'
import { requireGallery, withGallery } from '../model/gallery.js'
import { addKey, type KeyOptions } from '../model/gallery-key.js'
import {
  addLiveness,
  type LivenessOptions,
  livenessInWords,
  standsInWords,
} from '../model/liveness.js'
import { photographsOf, tellSkipped } from '../model/photographs.js'
import { reasonsFor } from '../model/quality.js'
import { addRecognizer, type RecognizerOptions } from '../model/recognizer.js'
import { addThreshold, decisionOf, inWords, type ThresholdOptions } from '../model/thresholds.js'
import { tellError } from '../terminal/errors.js'
import { typed } from '../terminal/hints.js'
import { integer } from '../terminal/numbers.js'
import { printable, warn, writeOut } from '../terminal/printable.js'
import { repeated } from '../terminal/repeated.js'

interface Options extends RecognizerOptions, KeyOptions, LivenessOptions, ThresholdOptions {
  top: number
  group?: string[]
  flip?: boolean
  json?: boolean
}

export function register(program: Command): void {
  const identify = program
    .command('identify')
    .description('Who of a gallery is in photographs?')
    .argument('<gallery>', 'its folder, or s3://...')
    .argument('<photos...>', 'photographs, or folders of them')
    .option('--top <n>', 'people at most for a face', integer, 1)
    .option('--group <name>', 'only people in this group; several times: in all of them', repeated)
    .option('--flip', 'add the embedding of the mirror image')
    .option('--json', 'print the result as one JSON object')
  addRecognizer(addLiveness(addThreshold(addKey(identify), { fpir: true })))
    .addHelpText('after', '\nExample:\n  $ arcface identify staff door.jpg --top 3 --fpir 1e-3')
    .action(run)
}

async function run(path: string, paths: string[], options: Options, command: Command) {
  const { top, group, flip = false, json } = options
  const { isOfPhoto } = await import('@arcface/recognize')
  const { identifyPhoto } = await import('@arcface/gallery')
  await requireGallery(path, options)
  const { files: photos, passedOver } = await photographsOf(paths)
  if (photos.length === 0) command.error(`error: no photograph in ${paths.join(', ')}`)
  if (!json) tellSkipped('passed over', passedOver)
  await withGallery(path, options, async (gallery, recognizer) => {
    const results: { photo: string; faces: object[]; skipped?: string }[] = []
    const decisions = new Set<string>()
    const warnings = new Set<string>()
    for (const photo of photos) {
      const given = {
        top,
        flip,
        liveness: options.liveness !== undefined,
        ...decisionOf(options),
        ...(group && { filter: { groups: group } }),
      }
      const faces = await identifyPhoto(gallery, recognizer, photo, given).catch((error) => {
        // One that cannot be read keeps nobody from the others.
        if (!isOfPhoto(error)) throw error
        tellError(error)
        process.exitCode = 1
        results.push({ photo, faces: [], skipped: error.message })
      })
      if (faces === undefined) continue
      const shown = faces.map(({ embedding: _, ...face }) => face)
      results.push({ photo, faces: shown })
      for (const { warning, searched, liveness, ...chosen } of faces) {
        if (warning !== null) warnings.add(warning)
        decisions.add(inWords({ ...chosen, warning }, searched))
        if (liveness) decisions.add(standsInWords(liveness.stands))
      }
      if (json) continue
      if (faces.length === 0) writeOut(`${printable(photo)}: no face found\n`)
      for (const face of faces) {
        const { box, matches, threshold, rejected, liveness } = face
        const unknown = threshold === null ? 'nobody is named' : 'nobody known'
        const people = matches.map(
          ({ name, similarity }) => `${printable(name)} (${similarity.toFixed(4)})`,
        )
        const at = `${Math.round(box.x)},${Math.round(box.y)}`
        const nobody = rejected.length > 0 ? `not recognised: ${await reasonsFor(face)}` : unknown
        const living = liveness ? `; ${livenessInWords(liveness)}` : ''
        writeOut(`${printable(photo)} at ${at}: ${people.join(', ') || nobody}${living}\n`)
      }
    }
    for (const warning of warnings) warn(typed(warning))
    if (!json) for (const decision of decisions) writeOut(`${printable(decision)}\n`)
    if (json) writeOut(`${JSON.stringify({ photos: results, passedOver })}\n`)
  })
}
