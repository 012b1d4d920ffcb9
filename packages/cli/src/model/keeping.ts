import type { Consent } from '@arcface/gallery'
import type { Command } from 'commander'
import { time } from '../terminal/dates.js'

/** Options of how long a person is kept, and why. */
export interface KeepingOptions {
  consentBasis?: string
  consentAt?: Date
  consentEvidence?: string
  consentExpires?: Date
  retainUntil?: Date
}

export function addKeeping(command: Command): Command {
  return command
    .option('--consent-basis <text>', 'why the person may be kept: consent, contract, law')
    .option(
      '--consent-at <time>',
      'when that was given: a day (UTC) or a time (default: now)',
      time,
    )
    .option('--consent-evidence <text>', 'where it is written down: the number of a document')
    .option('--consent-expires <time>', 'when it ends: gallery sweep erases the person then', time)
    .option('--retain-until <time>', 'gallery sweep erases the person then at the latest', time)
}

/** What the options say of a person; the parts of a consent go with its basis. */
export function keepingOf(
  { consentBasis: basis, consentAt, consentEvidence, consentExpires, retainUntil }: KeepingOptions,
  command: Command,
): { consent?: Consent; retainUntil?: Date } {
  if (basis === undefined && (consentAt ?? consentEvidence ?? consentExpires) !== undefined)
    command.error(
      'error: --consent-at, --consent-evidence and --consent-expires go with --consent-basis',
    )
  return {
    ...(basis !== undefined && {
      consent: {
        basis,
        at: consentAt ?? new Date(),
        ...(consentEvidence !== undefined && { evidence: consentEvidence }),
        ...(consentExpires !== undefined && { expires: consentExpires }),
      },
    }),
    ...(retainUntil !== undefined && { retainUntil }),
  }
}

/** In a line. */
export const consentText = ({ basis, at, evidence, expires }: Consent): string =>
  [
    `${basis}, ${at.toISOString()}`,
    ...(evidence === undefined ? [] : [evidence]),
    ...(expires === undefined ? [] : [`until ${expires.toISOString()}`]),
  ].join(', ')
