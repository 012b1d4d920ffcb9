import type { KeySource } from '@arcface/gallery'
import { type Command, Option } from 'commander'

export interface KeyOptions {
  keyFile?: string
  keyCommand?: string
  rotationKey?: string
}

const VARIABLE = 'ARCFACE_GALLERY_KEY'
const ROTATION = 'ARCFACE_ROTATION_KEY'

/** Where the keys of a gallery come from that is encrypted, or whose embeddings are turned. */
export const addKey = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--key-file <file>',
        `of an encrypted gallery: 32 bytes, also in base64 or hexadecimal; default: the variable ${VARIABLE}`,
      ).conflicts('keyCommand'),
    )
    .option('--key-command <command>', 'a command that wraps and unwraps its key, see the docs')
    .option(
      '--rotation-key <file>',
      `of a gallery whose embeddings are turned by a secret rotation; default: the variable ${ROTATION}`,
    )

/** Both keys, as they were given or stand in the environment. */
export const keysOf = (options: KeyOptions): KeysOfGallery => ({
  key: keyOf(options),
  rotation:
    options.rotationKey !== undefined
      ? { file: options.rotationKey }
      : process.env[ROTATION]
        ? { env: ROTATION }
        : undefined,
})

interface KeysOfGallery {
  readonly key: KeySource | undefined
  readonly rotation: KeySource | undefined
}

/** What was given of an encrypted gallery, or stands in the environment. */
export function keyOf({ keyFile, keyCommand }: KeyOptions): KeySource | undefined {
  if (keyFile !== undefined) return { file: keyFile }
  if (keyCommand !== undefined) return { command: keyCommand }
  return process.env[VARIABLE] ? { env: VARIABLE } : undefined
}
