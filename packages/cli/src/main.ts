import { CommanderError } from 'commander'
import { hintOf } from './hints.js'
import { printableMessage, writeErr } from './printable.js'
import { createProgram } from './program.js'

/** Runs the command line. Sets the exit code: 0 done, 1 the work failed, 2 wrong usage. */
export async function main(argv: readonly string[]): Promise<void> {
  // Who reads the result has had enough of it (`| head`), which is no failure; who no longer reads what is going on
  // does not stop the work.
  process.stdout.on('error', (error) => process.exit(isClosed(error) ? undefined : report(error)))
  process.stderr.on('error', () => {})
  try {
    await createProgram().parseAsync(argv)
  } catch (error) {
    process.exitCode = report(error)
  }
}

const isClosed = ({ code }: NodeJS.ErrnoException) => code === 'EPIPE' || code === 'EIO'

/** Prints what a person can act on; a stack only for an error that nobody foresaw. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  const { code, message, stack, hint: given } = error as Error & { code?: unknown; hint?: string }
  const hint = hintOf(code, given)
  // Node begins the messages of the file system with their code.
  const said = message.replace(`${code}: `, '')
  const between = said.includes('\n') ? '\n' : /[.!?:]$/.test(said) ? ' ' : '. '
  const lines = hint === undefined ? said : said + between + hint
  writeErr(
    typeof code === 'string'
      ? `error ${code}: ${printableMessage(lines)}\n`
      : `unexpected error: ${stack}\n`,
  )
  return 1
}
