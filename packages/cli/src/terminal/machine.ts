import { writeErr } from './printable.js'

/** Whether who reads the standard error is a program: it then has lines of JSON among those for people. */
export const isForMachine = (environment: NodeJS.ProcessEnv = process.env): boolean =>
  environment.ARCFACE_PROGRESS === 'json'

/** What a server that runs a command as a task is told of it; see docs/server.md. */
export type Told =
  | {
      readonly progress: {
        readonly what: string
        readonly done: number
        /** null: not known. */
        readonly total: number | null
      }
    }
  | {
      readonly problem: {
        readonly code: string
        readonly message: string
        readonly hint?: string | undefined
      }
    }
  | { readonly exit: number }

/** A line of JSON on stderr. */
export const tellMachine = (told: Told): void => writeErr(`${JSON.stringify(told)}\n`)

/** Says how the process ends, which who started it may not be there to see. */
export function tellExit(): void {
  if (isForMachine()) process.once('exit', (exit) => tellMachine({ exit }))
}
