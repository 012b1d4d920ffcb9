import { CommanderError } from 'commander'
import { createProgram } from './program.js'
import { tellError } from './terminal/errors.js'
import { tellExit } from './terminal/machine.js'

/** Runs the command line. Sets the exit code: 0 done, 1 the work failed, 2 wrong usage. */
export async function main(argv: readonly string[]): Promise<void> {
  // Who reads the result has had enough of it (`| head`), which is no failure; who no longer reads what is going on
  // does not stop the work.
  process.stdout.on('error', (error) => process.exit(isClosed(error) ? undefined : report(error)))
  process.stderr.on('error', () => {})
  tellExit()
  try {
    await createProgram().parseAsync(argv)
  } catch (error) {
    process.exitCode = report(error)
  }
}

const isClosed = ({ code }: NodeJS.ErrnoException) => code === 'EPIPE' || code === 'EIO'

/** @returns the exit code */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  tellError(error)
  return 1
}
