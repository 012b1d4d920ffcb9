import type { OneFace } from '@arcface/vision'
import { type Command, Option } from 'commander'
import { withGallery } from '../model/gallery.js'
import { type KeyOptions, keysOf } from '../model/gallery-key.js'
import { tellSkipped } from '../model/photographs.js'
import { addRecognizer, facesOption, type RecognizerOptions } from '../model/recognizer.js'
import { endInterrupted, interruptible } from '../terminal/interrupt.js'
import { writeOut } from '../terminal/printable.js'
import { progress } from '../terminal/progress.js'
import { counted } from '../terminal/words.js'

interface Options extends RecognizerOptions, KeyOptions {
  compreface?: string
  key?: string
  faces: OneFace
  flip?: boolean
  thumbnails: boolean
  json?: boolean
}

/** Lines of what was left out that are printed; --json has all. */
const MOST = 10

/** Options of what is taken over from a running CompreFace. */
export function addCompreface(command: Command): Command {
  const key = new Option('--key <key>', "of CompreFace's recognition service").env('COMPREFACE_KEY')
  const taking = command
    .option('--compreface <url>', 'in place of a file: people and pictures of a running CompreFace')
    .addOption(key)
    .addOption(facesOption(['only', 'largest', 'central']))
    .option('--flip', 'add the embedding of the mirror image')
    .option('--no-thumbnails', 'keep no aligned faces as small pictures')
  return addRecognizer(taking)
}

/** What was exported, or everybody of a CompreFace. */
export async function importFrom(
  path: string,
  file: string | undefined,
  options: Options,
  command: Command,
): Promise<void> {
  const { compreface: url, key } = options
  if ((file === undefined) === (url === undefined))
    command.error('error: give a file, or --compreface with an address')
  if (file !== undefined) return importFile(path, file, options)
  if (key === undefined) command.error('error: --compreface goes with --key')
  return takeOver(path, { url: url!, key }, options)
}

async function importFile(path: string, file: string, options: Options): Promise<void> {
  const { json } = options
  const { exportedModel, importGallery, openGallery } = await import('@arcface/gallery')
  const gallery = await openGallery(path, {
    model: await exportedModel(file),
    ...keysOf(options),
  })
  try {
    const faces = await importGallery(gallery, file)
    writeOut(
      json ? `${JSON.stringify({ file, faces })}\n` : `${path}: ${counted(faces, 'face')} added\n`,
    )
  } finally {
    await gallery.close()
  }
}

async function takeOver(
  path: string,
  server: { readonly url: string; readonly key: string },
  options: Options,
): Promise<void> {
  const { faces, flip = false, thumbnails, json } = options
  const { importCompreface } = await import('@arcface/gallery')
  await withGallery(path, options, async (gallery, recognizer) => {
    const onProgress = progress('faces')
    const result = await interruptible((signal) =>
      importCompreface(
        gallery,
        recognizer,
        { ...server, signal },
        { faces, flip, thumbnails, onProgress },
      ),
    )
    const { people, enrolled, before, skipped, finished } = result
    if (json) writeOut(`${JSON.stringify(result)}\n`)
    else {
      writeOut(
        `${counted(people, 'subject')} and ${counted(enrolled, 'face')} taken over, ${counted(before, 'face')} there already, ${skipped.length} left out\n`,
      )
      const left = skipped.map(({ subject, face, reason }) => ({
        photo: face === null ? subject : `${subject} (${face})`,
        reason,
      }))
      tellSkipped('left out', left, MOST)
    }
    if (!finished) endInterrupted()
  })
}
