import type { KeySource } from '@arcface/gallery'
import { type Command, Option } from 'commander'

export interface KeyOptions {
  keyFile?: string
  keyCommand?: string
}

const VARIABLE = 'ARCFACE_GALLERY_KEY'

/** Where the key of an encrypted gallery comes from. */
export const addKey = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--key-file <file>',
        `of an encrypted gallery: 32 bytes, also in base64 or hexadecimal; default: the variable ${VARIABLE}`,
      ).conflicts('keyCommand'),
    )
    .option('--key-command <command>', 'a command that wraps and unwraps its key, see the docs')

/** What was given, or stands in the environment. */
export function keyOf({ keyFile, keyCommand }: KeyOptions): KeySource | undefined {
  if (keyFile !== undefined) return { file: keyFile }
  if (keyCommand !== undefined) return { command: keyCommand }
  return process.env[VARIABLE] ? { env: VARIABLE } : undefined
}
