import { basename } from 'node:path'
import type { Alike } from '@arcface/gallery'
import type { OneFace } from '@arcface/vision'
import type { Command } from 'commander'
import { withGallery } from '../model/gallery.js'
import { addKey, type KeyOptions } from '../model/gallery-key.js'
import { addKeeping, type KeepingOptions, keepingOf } from '../model/keeping.js'
import { isFolder, tellSkipped } from '../model/photographs.js'
import { addRecognizer, facesOption, type RecognizerOptions } from '../model/recognizer.js'
import { endInterrupted, interruptible } from '../terminal/interrupt.js'
import { printable, writeErr, writeOut } from '../terminal/printable.js'
import { progress } from '../terminal/progress.js'
import { repeated } from '../terminal/repeated.js'
import { counted } from '../terminal/words.js'

interface Options extends RecognizerOptions, KeyOptions, KeepingOptions {
  person?: string
  group?: string[]
  faces: OneFace
  flip?: boolean
  thumbnails?: boolean
  json?: boolean
}

export function register(program: Command): void {
  const enroll = program
    .command('enroll')
    .description('Put people into a gallery, which is made where none is')
    .argument('<gallery>', 'its folder, or s3://...')
    .argument('<photos>', 'a folder with a folder a person; with --person one photograph')
    .option('--person <name>', 'whom the one photograph shows')
    .option('--group <name>', 'a group of people who are not there yet; may be repeated', repeated)
    .addOption(facesOption(['largest', 'central', 'only']))
    .option('--flip', 'add the embedding of the mirror image')
    .option('--thumbnails', 'keep the aligned faces as small pictures, see gallery show')
    .option('--json', 'print the result as one JSON object')
  addRecognizer(addKey(addKeeping(enroll)))
    .addHelpText(
      'after',
      '\nInterrupted, the same command goes on: a photograph that is there is told by its content.\n\nExamples:\n  $ arcface enroll staff photos --group staff\n  $ arcface enroll staff ada.jpg --person "Ada Lovelace" --consent-basis consent --consent-expires 2028-01-31',
    )
    .action(run)
}

/** Lines of a kind that are printed; --json has all. */
const MOST = 10

async function run(path: string, photos: string, options: Options, command: Command) {
  const { person, group: groups, faces, flip = false, thumbnails = false, json } = options
  const single = !(await isFolder(photos))
  if (single !== (person !== undefined))
    command.error('error: a photograph goes with --person, a folder without')
  const keeping = keepingOf(options, command)
  const { searchThreshold } = await import('@arcface/vision')
  const { enrollFolder, enrollPhoto, facesOf } = await import('@arcface/gallery')
  await withGallery(path, options, async (gallery, recognizer) => {
    // A face that is enrolled is searched among all: at the threshold of one comparison many would be alike somebody.
    const { thresholds } = recognizer
    const alikeAbove = thresholds && searchThreshold(thresholds)
    const given = { faces, flip, thumbnails }
    if (person !== undefined) {
      const whom = { person, source: basename(photos), ...(groups && { groups }), ...keeping }
      const { id: face, added } = await enrollPhoto(gallery, recognizer, photos, whom, given)
      const before = !added
      const alike = before ? [] : await gallery.alike([face], alikeAbove)
      const text = `${printable(person)}: face ${face}${before ? ', which was there' : ''}\n`
      writeOut(json ? `${JSON.stringify({ person, face, before, alike })}\n` : text)
      if (!json) tellAlike(alike)
      return
    }
    const result = await interruptible((signal) =>
      enrollFolder(gallery, photos, facesOf(recognizer, given), {
        ...(groups && { groups }),
        ...keeping,
        ...(alikeAbove && { alike: alikeAbove }),
        signal,
        onProgress: progress('photographs'),
      }),
    )
    const { enrolled, replaced, before, skipped, passedOver, alike, finished } = result
    if (json) writeOut(`${JSON.stringify(result)}\n`)
    else {
      writeOut(
        `${counted(enrolled, 'face')} enrolled, ${before} ${before === 1 ? 'was' : 'were'} there, ${counted(skipped.length, 'photograph')} skipped` +
          `${replaced > 0 ? `, ${counted(replaced, 'face')} of replaced photographs removed` : ''}` +
          `${passedOver.length > 0 ? `, ${counted(passedOver.length, 'other file')} passed over` : ''}\n`,
      )
      tellSkipped('skipped', skipped, MOST)
      tellSkipped('passed over', passedOver, MOST)
      tellAlike(alike)
    }
    if (!finished) endInterrupted()
  })
}

function tellAlike(alike: readonly Alike[]): void {
  for (const { face, person, source, other, similarity, otherFace, otherSource } of alike.slice(
    0,
    MOST,
  )) {
    const [mine, theirs] = [source ?? face, otherSource ?? otherFace].map(printable)
    writeErr(
      `warning: ${printable(person)} (${mine}) is alike ${printable(other)} (${theirs}): cosine ${similarity.toFixed(4)}\n`,
    )
  }
  if (alike.length > MOST)
    writeErr(`... and ${alike.length - MOST} more; arcface gallery duplicates shows all\n`)
}
