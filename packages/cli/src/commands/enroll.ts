import { statSync } from 'node:fs'
import { basename } from 'node:path'
import type { OneFace } from '@arcface/recognize'
import type { Command } from 'commander'
import {
  addRecognizer,
  facesOption,
  openRecognizer,
  type RecognizerOptions,
} from '../model/recognizer.js'
import { printable, writeErr, writeOut } from '../printable.js'
import { progress } from '../progress.js'
import { repeated } from './evaluate-shared.js'

interface Options extends RecognizerOptions {
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
  addRecognizer(enroll)
    .addHelpText(
      'after',
      '\nInterrupted, the same command goes on.\n\nExamples:\n  $ arcface enroll staff photos --group staff\n  $ arcface enroll staff ada.jpg --person "Ada Lovelace"',
    )
    .action(run)
}

async function run(path: string, photos: string, options: Options, command: Command) {
  const { person, group: groups, faces, flip = false, thumbnails = false, json } = options
  const single = statSync(photos).isFile()
  if (single !== (person !== undefined))
    command.error('error: a photograph goes with --person, a folder without')
  const { enrollFolder, facesOf } = await import('@arcface/recognize')
  const recognizer = await openRecognizer(options)
  const stop = new AbortController()
  const onSignal = () => stop.abort()
  try {
    const gallery = await recognizer.openGallery(path)
    try {
      if (person !== undefined) {
        const given = {
          person,
          source: basename(photos),
          faces,
          flip,
          thumbnails,
          ...(groups && { groups }),
        }
        const face = await recognizer.enroll(gallery, photos, given)
        writeOut(
          json ? `${JSON.stringify({ person, face })}\n` : `${printable(person)}: face ${face}\n`,
        )
        return
      }
      process.once('SIGINT', onSignal)
      const result = await enrollFolder(
        gallery,
        photos,
        facesOf(recognizer, { faces, flip, thumbnails }),
        {
          ...(groups && { groups }),
          signal: stop.signal,
          onProgress: progress('photographs'),
        },
      )
      const { enrolled, before, skipped, finished } = result
      if (json) writeOut(`${JSON.stringify(result)}\n`)
      else {
        writeOut(
          `${enrolled} faces enrolled, ${before} were there, ${skipped.length} photographs skipped\n`,
        )
        for (const { photo, reason } of skipped.slice(0, 10))
          writeErr(`skipped ${printable(photo)}: ${printable(reason)}\n`)
      }
      if (!finished) process.exitCode = 1
    } finally {
      await gallery.close()
    }
  } finally {
    process.off('SIGINT', onSignal)
    await recognizer.close()
  }
}
