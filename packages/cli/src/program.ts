import { createRequire } from 'node:module'
import { Command } from 'commander'
import * as ablate from './commands/ablate.js'
import * as audit from './commands/audit.js'
import * as clean from './commands/clean.js'
import * as data from './commands/data.js'
import * as detect from './commands/detect.js'
import * as embed from './commands/embed.js'
import * as enroll from './commands/enroll.js'
import * as evaluate from './commands/evaluate.js'
import * as exportOnnx from './commands/export.js'
import * as gallery from './commands/gallery.js'
import * as geometry from './commands/geometry.js'
import * as identify from './commands/identify.js'
import * as keys from './commands/keys.js'
import * as liveness from './commands/liveness.js'
import * as models from './commands/models.js'
import * as prepare from './commands/prepare.js'
import * as serve from './commands/serve.js'
import * as setup from './commands/setup.js'
import * as synthesize from './commands/synthesize.js'
import * as train from './commands/train.js'
import * as verify from './commands/verify.js'
import { writeErr, writeOut } from './terminal/printable.js'

const { version } = createRequire(import.meta.url)('../package.json') as { version: string }

/** The command line with all its commands: reads no arguments yet. It throws where commander would end the process. */
export function createProgram(): Command {
  const program = new Command('arcface')
    .description('Train a face recogniser with ArcFace, measure it, export it, use it')
    .version(version)
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      '\nExample:\n  $ arcface models pull\n  $ arcface verify ada.jpg grace.jpg',
    )
    .exitOverride()
    .configureOutput({ writeOut, writeErr })
  for (const { register } of [
    synthesize,
    prepare,
    data,
    train,
    clean,
    ablate,
    geometry,
    evaluate,
    exportOnnx,
    models,
    detect,
    liveness,
    embed,
    verify,
    enroll,
    identify,
    gallery,
    serve,
    keys,
    audit,
    setup,
  ])
    register(program)
  // Subcommands do not inherit this from a program that they were added to afterwards.
  for (const command of allCommands(program))
    command.exitOverride().configureOutput({ writeOut, writeErr })
  return program
}

/** A command's own, at any depth. */
export const allCommands = (command: Command): Command[] =>
  command.commands.flatMap((one) => [one, ...allCommands(one)])
