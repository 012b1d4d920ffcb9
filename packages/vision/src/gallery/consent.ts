import type { ArgumentRules } from './arguments.js'
import type { NameRules } from './names.js'
import type { GalleryRefusal } from './refuse.js'

/** Why a person's faces may be kept. */
export interface Consent {
  /** The ground, in the words of who answers for it: `consent`, `contract`, `law`. */
  readonly basis: string
  /** When it was given. */
  readonly at: Date
  /** Where that is written down: the number of a document, an address. */
  readonly evidence?: string
  /** When it ends; a sweep erases the person from then on. */
  readonly expires?: Date
}

/** How long a person may be kept, and why. */
export interface Keeping {
  /** `null`: none, or none any more. */
  readonly consent?: Consent | null
  /** A sweep erases the person from then on; `null`: for as long as nothing else says so. */
  readonly retainUntil?: Date | null
}

/** As it stands in a row: columns that galleries of before have not. */
export interface KeepingRow {
  /** JSON. */
  consent?: string | null
  /** Milliseconds since 1970. */
  retain_until?: number | null
}

/** When a person is to be erased, and by what. */
export interface End {
  readonly at: Date
  readonly by: 'consent' | 'retention'
}

/** Of what is known of a person; what is not is left out. */
export function keepingOf({ consent, retain_until: until }: KeepingRow): {
  readonly consent?: Consent
  readonly retainUntil?: Date
} {
  return {
    ...(consent && { consent: consentOf(JSON.parse(consent)) }),
    ...(typeof until === 'number' && { retainUntil: new Date(until) }),
  }
}

/** Of what is given; what is not is left as it is. */
export const keepingRow = ({ consent, retainUntil }: Keeping): KeepingRow => ({
  ...(consent !== undefined && { consent: consent ? JSON.stringify(consent) : null }),
  ...(retainUntil !== undefined && { retain_until: retainUntil?.getTime() ?? null }),
})

/** The earlier of both ends; `undefined` where nothing ends. */
export function endOf({ consent, retainUntil }: Keeping): End | undefined {
  const ends: End[] = [
    ...(consent?.expires ? [{ at: consent.expires, by: 'consent' as const }] : []),
    ...(retainUntil ? [{ at: retainUntil, by: 'retention' as const }] : []),
  ]
  return ends.sort((a, b) => a.at.getTime() - b.at.getTime())[0]
}

const consentOf = ({
  basis,
  at,
  evidence,
  expires,
}: Record<'basis' | 'at', string> & Partial<Record<'evidence' | 'expires', string>>): Consent => ({
  basis,
  at: new Date(at),
  ...(evidence !== undefined && { evidence }),
  ...(expires !== undefined && { expires: new Date(expires) }),
})

/** Rules of consents and of how long people are kept. */
export const consentRules = (
  refuse: GalleryRefusal,
  { checkOptions, checkDate }: ArgumentRules,
  { cleanText }: NameRules,
) => {
  /** As it is stored, of what is given. Throws CONSENT, USE (no date, no text). */
  const checkKeeping = ({ consent, retainUntil }: Keeping): Keeping => {
    if (retainUntil) checkDate(retainUntil, 'retainUntil')
    return {
      ...(consent !== undefined && { consent: consent && checkConsent(consent) }),
      ...(retainUntil !== undefined && { retainUntil }),
    }
  }

  function checkConsent(consent: Consent): Consent {
    checkOptions('consent', consent, { basis: 'any', at: 'any', evidence: 'any', expires: 'any' })
    const { basis, at, evidence, expires } = consent
    checkDate(at, 'consent.at')
    if (expires !== undefined) checkDate(expires, 'consent.expires')
    if (expires !== undefined && expires <= at)
      throw refuse(
        'CONSENT',
        `a consent of ${at.toISOString()} cannot end before, at ${expires.toISOString()}`,
      )
    return {
      basis: cleanText(basis, 'the basis of a consent', 'CONSENT'),
      at,
      ...(evidence !== undefined && {
        evidence: cleanText(evidence, 'the evidence of a consent', 'CONSENT'),
      }),
      ...(expires !== undefined && { expires }),
    }
  }

  return { checkKeeping }
}

export type ConsentRules = ReturnType<typeof consentRules>
