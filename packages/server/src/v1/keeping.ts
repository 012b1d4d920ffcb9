import type { Consent, Person } from '@arcface/gallery'
import { z } from 'zod'
import { ServerError } from '../errors.js'

// How long somebody may be kept, and why, as requests and answers have it.

const time = z.iso.datetime({ offset: true })

const about = {
  basis: z.string().describe('Why the person may be kept: consent, contract, law'),
  evidence: z.string().optional().describe('Where that is written down'),
  expires: time.optional().describe('A sweep erases the person from then on'),
}

/** Of an answer: there where they are known. */
export const keeping = {
  consent: z
    .object({ ...about, at: time.describe('When it was given') })
    .meta({ id: 'Consent' })
    .optional(),
  retainUntil: time.optional().describe('A sweep erases the person from then on'),
}

/** Of a request's body. */
export const givenKeeping = {
  consent: z
    .strictObject({ ...about, at: time.optional().describe('Default: now') })
    .nullish()
    .describe('null: none any more'),
  retainUntil: time.nullish().describe('null: for as long as nothing else says'),
}

/** Of a query. */
export const queriedKeeping = {
  consentBasis: about.basis.optional(),
  consentAt: time.optional().describe('Default: now'),
  consentEvidence: about.evidence,
  consentExpires: about.expires,
  retainUntil: keeping.retainUntil,
}

type Given = z.output<z.ZodObject<typeof givenKeeping>>
type Queried = z.output<z.ZodObject<typeof queriedKeeping>>

export const told = ({ consent, retainUntil }: Pick<Person, 'consent' | 'retainUntil'>) => ({
  ...(consent && {
    consent: {
      basis: consent.basis,
      at: consent.at.toISOString(),
      ...(consent.evidence !== undefined && { evidence: consent.evidence }),
      ...(consent.expires && { expires: consent.expires.toISOString() }),
    },
  }),
  ...(retainUntil && { retainUntil: retainUntil.toISOString() }),
})

export const keepingOf = ({ consent, retainUntil }: Given) => ({
  ...(consent !== undefined && { consent: consent && consentOf(consent) }),
  ...(retainUntil !== undefined && {
    retainUntil: retainUntil === null ? null : new Date(retainUntil),
  }),
})

function consentOf({ basis, at, evidence, expires }: NonNullable<Given['consent']>): Consent {
  return {
    basis,
    at: at === undefined ? new Date() : new Date(at),
    ...(evidence !== undefined && { evidence }),
    ...(expires !== undefined && { expires: new Date(expires) }),
  }
}

/** @throws ServerError SERVER_REQUEST: a part of a consent without its basis */
export function keepingQueried(query: Queried) {
  const { consentBasis: basis, consentAt: at, consentEvidence: evidence } = query
  const { consentExpires: expires, retainUntil } = query
  if (basis === undefined && (at ?? evidence ?? expires) !== undefined)
    throw new ServerError(
      'SERVER_REQUEST',
      'consentAt, consentEvidence and consentExpires go with consentBasis',
    )
  return keepingOf({
    ...(basis !== undefined && { consent: { basis, at, evidence, expires } }),
    ...(retainUntil !== undefined && { retainUntil }),
  })
}
