import type { Schema } from '../../../api/client.js'
import { useWords } from '../../../language/language.js'
import { TextField } from '../../../ui/field.js'
import { words } from '../words.js'

type Person = Schema<'Person'>

/** As they are written: days of UTC. */
export interface Kept {
  readonly basis: string
  readonly at: string
  readonly evidence: string
  readonly expires: string
  readonly until: string
}

const dayOf = (time: string | undefined) => time?.slice(0, 10) ?? ''

export const keptOf = ({ consent, retainUntil }: Person): Kept => ({
  basis: consent?.basis ?? '',
  at: dayOf(consent?.at),
  evidence: consent?.evidence ?? '',
  expires: dayOf(consent?.expires),
  until: dayOf(retainUntil),
})

/** Whether a consent is described that has no basis. */
export const isWithoutBasis = ({ basis, at, evidence, expires }: Kept): boolean =>
  basis.trim() === '' && [at, evidence.trim(), expires].some((one) => one !== '')

/** What is sent: the time of a day that stays is not lost. */
export function bodyOf({ basis, at, evidence, expires, until }: Kept, before: Person) {
  const timeOf = (day: string, was: string | undefined) =>
    day === '' ? undefined : day === dayOf(was) ? was : `${day}T00:00:00Z`
  const [given, ends] = [timeOf(at, before.consent?.at), timeOf(expires, before.consent?.expires)]
  return {
    consent:
      basis.trim() === ''
        ? null
        : {
            basis,
            ...(given !== undefined && { at: given }),
            ...(evidence.trim() !== '' && { evidence }),
            ...(ends !== undefined && { expires: ends }),
          },
    retainUntil: timeOf(until, before.retainUntil) ?? null,
  }
}

/** Why somebody may be kept, and for how long. */
export function ConsentFields({
  value,
  onChange,
  readOnly,
}: {
  value: Kept
  onChange(part: Partial<Kept>): void
  readOnly: boolean
}) {
  const t = useWords(words)
  return (
    <fieldset className="stack">
      <legend>{t.keeping}</legend>
      <TextField
        label={t.basis}
        told={t.basisTold}
        wrong={isWithoutBasis(value) ? t.withoutBasis : undefined}
        value={value.basis}
        onChange={(basis) => onChange({ basis })}
        readOnly={readOnly}
      />
      <TextField
        label={t.givenOn}
        type="date"
        value={value.at}
        onChange={(at) => onChange({ at })}
        readOnly={readOnly}
      />
      <TextField
        label={t.evidence}
        told={t.evidenceTold}
        value={value.evidence}
        onChange={(evidence) => onChange({ evidence })}
        readOnly={readOnly}
      />
      <TextField
        label={t.expires}
        type="date"
        value={value.expires}
        onChange={(expires) => onChange({ expires })}
        readOnly={readOnly}
      />
      <TextField
        label={t.keptUntil}
        told={t.keptUntilTold}
        type="date"
        value={value.until}
        onChange={(until) => onChange({ until })}
        readOnly={readOnly}
      />
    </fieldset>
  )
}
