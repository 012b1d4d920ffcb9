import { typed } from './hints.js'
import { isForMachine, tellMachine } from './machine.js'
import { printableMessage, writeErr } from './printable.js'

/** Prints what a person can act on: code, message, hint; a stack only for an error that nobody foresaw. */
export function tellError(error: unknown): void {
  const { code, message, stack, hint } = error as Error & { code?: unknown; hint?: string }
  if (typeof code !== 'string') {
    writeErr(`unexpected error: ${stack}\n`)
    if (isForMachine()) tellMachine({ problem: { code: 'CLI_UNEXPECTED', message } })
    return
  }
  // Node begins the messages of the file system with their code.
  const said = message.replace(`${code}: `, '')
  const lines = hint === undefined ? said : said + joint(said) + typed(hint)
  writeErr(`error ${code}: ${printableMessage(lines)}\n`)
  if (isForMachine())
    tellMachine({ problem: { code, message: said, hint: hint === undefined ? hint : typed(hint) } })
}

/** Between a message, which may end as a sentence does or not, and what to do. */
const joint = (message: string): string =>
  message.includes('\n') ? '\n' : /[.!?:]$/.test(message) ? ' ' : '. '
