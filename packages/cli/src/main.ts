import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import * as ablate from './commands/ablate.js'
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
import * as models from './commands/models.js'
import * as prepare from './commands/prepare.js'
import * as setup from './commands/setup.js'
import * as synthesize from './commands/synthesize.js'
import * as train from './commands/train.js'
import * as verify from './commands/verify.js'
import { printableMessage, writeErr, writeOut } from './printable.js'

const { version } = createRequire(import.meta.url)('../package.json') as { version: string }

/** Runs the command line. Sets the exit code: 0 done, 1 the work failed, 2 wrong usage. */
export async function main(argv: readonly string[]): Promise<void> {
  // Who reads the result has had enough of it (`| head`), which is no failure; who no longer reads what is going on
  // does not stop the work.
  process.stdout.on('error', (error) => process.exit(isClosed(error) ? undefined : report(error)))
  process.stderr.on('error', () => {})
  const program = new Command('arcface')
    .description('Train a face recogniser with ArcFace, measure it, export it, use it')
    .version(version)
    .showSuggestionAfterError()
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
    embed,
    verify,
    enroll,
    identify,
    gallery,
    setup,
  ])
    register(program)
  // Subcommands do not inherit this from a program that they were added to afterwards.
  for (const command of allCommands(program))
    command.exitOverride().configureOutput({ writeOut, writeErr })
  try {
    await program.parseAsync(argv)
  } catch (error) {
    process.exitCode = report(error)
  }
}

const isClosed = ({ code }: NodeJS.ErrnoException) => code === 'EPIPE' || code === 'EIO'

const allCommands = (command: Command): Command[] =>
  command.commands.flatMap((one) => [one, ...allCommands(one)])

/** Prints what a person can act on; a stack only for an error that nobody foresaw. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  const { code, message, hint, stack } = error as Error & { code?: unknown; hint?: string }
  // Node begins the messages of the file system with their code.
  const said = message.replace(`${code}: `, '')
  const lines = hint === undefined ? said : said + (said.includes('\n') ? '\n' : ' ') + hint
  writeErr(
    typeof code === 'string'
      ? `error ${code}: ${printableMessage(lines)}\n`
      : `unexpected error: ${stack}\n`,
  )
  return 1
}
