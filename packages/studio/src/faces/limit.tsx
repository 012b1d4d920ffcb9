import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, data } from '../api/client.js'
import { useNumbers, useWords } from '../language/language.js'
import { Field, SelectField } from '../ui/field.js'
import { words } from './words.js'

/** From where on a search names somebody: the error rate that is accepted, or a cosine. */
export type Limit = { readonly fpir: number } | { readonly threshold: number }

/** Searches that may name somebody who is not in the gallery. */
const RATES = ['0.1', '0.01', '0.001'] as const

/**
 * The choice of a limit: by error rate where the model's thresholds are known, else by a cosine.
 * @returns the control, and what is chosen; null: nothing yet
 */
export function useLimit() {
  const t = useWords(words)
  const { rate } = useNumbers()
  const [fpir, setFpir] = useState<(typeof RATES)[number]>('0.01')
  const [cosine, setCosine] = useState('')
  const model = useQuery({
    queryKey: ['model'],
    queryFn: () => data(api.GET('/v1/model')),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const isKnown = model.data?.thresholds !== null
  const threshold = Number(cosine)
  const isCosine = cosine.trim() !== '' && threshold >= -1 && threshold <= 1
  const limit: Limit | null = isKnown
    ? model.data
      ? { fpir: Number(fpir) }
      : null
    : isCosine
      ? { threshold }
      : null
  const field = isKnown ? (
    <SelectField<(typeof RATES)[number]>
      label={t.rate}
      value={fpir}
      onChange={setFpir}
      choices={RATES.map((value) => ({ value, label: t.rateOf(rate(Number(value))) }))}
    />
  ) : (
    <Field label={t.cosine} told={t.cosineTold}>
      {(described) => (
        <input
          className="input"
          type="number"
          {...{ min: -1, max: 1, step: 0.01 }}
          value={cosine}
          onChange={({ target }) => setCosine(target.value)}
          {...described}
        />
      )}
    </Field>
  )
  return { limit, field }
}
