import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Command } from 'commander'
import { warn, writeErr, writeOut } from '../terminal/printable.js'

export function register(program: Command): void {
  program
    .command('setup')
    .description('Prepare what an installation cannot bring')
    .addHelpText('after', '\nExample:\n  $ arcface setup train')
    .command('train')
    .description('Build the bridge to libtorch, and the decoder of JPEGs, for training')
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      '\nWhat a build needs (CMake, a C++ compiler, libtorch, libjpeg-turbo) is not installed: where it is missing, the one\ncommand that brings it is printed. libtorch is looked for in LIBTORCH, the system, the torch of a python3.\n\nExample:\n  $ arcface setup train',
    )
    .action(setupTrain)
}

async function setupTrain({ json }: { json?: boolean }): Promise<void> {
  const { buildAddon } = await import('@arcface/libtorch/setup')
  await buildAddon()
  // Without it sharp decodes, several times slower.
  await buildAddon('Decoder of JPEGs', folderOf('@arcface/data')).catch(({ message, hint }) =>
    warn(`${message}: images are decoded by sharp, several times slower. ${hint}`),
  )
  const { torchVersion } = await import('@arcface/libtorch')
  const { jpegDecoder } = await import('@arcface/data')
  if (json) writeOut(`${JSON.stringify({ libtorch: torchVersion, jpeg: jpegDecoder })}\n`)
  else writeOut(`libtorch ${torchVersion}, JPEGs by ${jpegDecoder}\n`)
  writeErr('Ready: arcface train --help\n')
}

const folderOf = (name: string) => join(createRequire(import.meta.url).resolve(name), '../..')
