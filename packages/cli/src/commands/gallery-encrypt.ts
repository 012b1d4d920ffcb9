import type { Command } from 'commander'
import { type KeyOptions, keyOf, keysOf } from '../model/gallery-key.js'
import { printable, writeOut } from '../terminal/printable.js'
import { progress } from '../terminal/progress.js'
import { counted, countedPeople } from '../terminal/words.js'

interface Options extends KeyOptions {
  newKeyFile?: string
  newKeyCommand?: string
  newRotationKey?: string
  json?: boolean
}

const NONE = 'error: give its key: --key-file, --key-command or ARCFACE_GALLERY_KEY'

/** A plain gallery becomes an encrypted one. */
export async function encrypt(path: string, options: Options, command: Command): Promise<void> {
  const key = keyOf(options) ?? command.error(NONE)
  const { encryptGallery } = await import('@arcface/gallery')
  const result = await encryptGallery(path, { key, onProgress: progress('faces') })
  const { people, faces, before } = result
  const what = `${countedPeople(people)}, ${counted(faces, 'face')}`
  print(options, result, `${printable(path)} ${before ? 'was' : 'is now'} encrypted: ${what}\n`)
}

/** An encrypted gallery gets another key, or one whose embeddings are turned another rotation. */
export async function rekey(path: string, options: Options, command: Command): Promise<void> {
  const { newRotationKey } = options
  if (newRotationKey !== undefined) return rotate(path, newRotationKey, options)
  const key = keyOf(options) ?? command.error(NONE)
  const { newKeyFile, newKeyCommand } = options
  const to =
    newKeyFile !== undefined
      ? { file: newKeyFile }
      : newKeyCommand !== undefined
        ? { command: newKeyCommand }
        : command.error(
            'error: give the new key: --new-key-file or --new-key-command, or --new-rotation-key',
          )
  const { rekeyGallery } = await import('@arcface/gallery')
  const changed = await rekeyGallery(path, { key, to })
  const said = changed ? 'opens by the new key now' : 'opened by the new key already'
  print(options, { rekeyed: path, changed }, `${printable(path)} ${said}\n`)
}

async function rotate(path: string, file: string, options: Options): Promise<void> {
  const { rotateGallery } = await import('@arcface/gallery')
  const onProgress = progress('faces')
  const result = await rotateGallery(path, { ...keysOf(options), to: { file }, onProgress })
  const what = `${countedPeople(result.people)}, ${counted(result.faces, 'face')}`
  print(options, { rotated: path, ...result }, `${printable(path)} is turned anew: ${what}\n`)
}

function print({ json }: Options, result: object, text: string): void {
  writeOut(json ? `${JSON.stringify(result)}\n` : text)
}
