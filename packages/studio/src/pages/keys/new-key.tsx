import { type FormEvent, useState } from 'react'
import { useNumbers, useWords } from '../../language/language.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { CheckField, SelectField, TextField } from '../../ui/field.js'
import { Notice, Problem } from '../../ui/problem.js'
import { type Draft, SCOPES, showsAll, type Wrong, wrongIn } from './keys.js'
import { words } from './words.js'

const DAYS = ['30', '90', '365']

/** What a new key is to allow. @param isFirst it allows everything */
export function NewKey({
  isFirst,
  onMake,
  onClose,
}: {
  isFirst: boolean
  onMake(draft: Draft): Promise<void>
  onClose(): void
}) {
  const t = useWords(words)
  const { count } = useNumbers()
  const [draft, setDraft] = useState<Draft>({
    ...{ name: '', scopes: isFirst ? SCOPES : ['identify'], isForAll: true, galleries: '' },
    ...{ scores: false, days: '', rate: '' },
  })
  const [wrong, setWrong] = useState<Wrong>({})
  const [error, setError] = useState<unknown>(null)
  const [isBusy, setBusy] = useState(false)
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }))
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const found = wrongIn(draft)
    setWrong(found)
    if (Object.keys(found).length > 0) return
    setBusy(true)
    setError(null)
    await onMake(draft).catch(setError)
    setBusy(false)
  }
  return (
    <Dialog open onClose={onClose} title={t.add}>
      <form className="stack" onSubmit={submit} noValidate>
        {isFirst && <Notice kind="warn">{t.first}</Notice>}
        <TextField
          label={t.name}
          value={draft.name}
          onChange={(name) => set({ name })}
          wrong={wrong.name && t.nameWrong}
          autoComplete="off"
        />
        {!isFirst && <Allowed {...{ draft, set, wrong }} />}
        <SelectField
          label={t.expires}
          value={draft.days}
          choices={[
            { value: '', label: t.never },
            ...DAYS.map((value) => ({ value, label: t.days(count(Number(value))) })),
          ]}
          onChange={(days) => set({ days })}
        />
        {!isFirst && (
          <TextField
            label={t.rate}
            told={t.rateTold}
            inputMode="numeric"
            value={draft.rate}
            onChange={(rate) => set({ rate })}
            wrong={wrong.rate && t.rateWrong}
          />
        )}
        {error !== null && <Problem error={error} />}
        <div>
          <Button kind="main" type="submit" disabled={isBusy}>
            {t.create}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function Allowed({
  draft,
  set,
  wrong,
}: {
  draft: Draft
  set(change: Partial<Draft>): void
  wrong: Wrong
}) {
  const t = useWords(words)
  const { scopes, isForAll, galleries, scores } = draft
  const isShown = showsAll(scopes)
  return (
    <>
      <fieldset className="field">
        <legend className="label">{t.scopes}</legend>
        {SCOPES.map((scope) => (
          <CheckField
            key={scope}
            label={
              <span>
                {t[scope]} <span className="muted">{t[`${scope}Told`]}</span>
              </span>
            }
            value={scopes.includes(scope)}
            onChange={(is) =>
              set({ scopes: SCOPES.filter((one) => (one === scope ? is : scopes.includes(one))) })
            }
          />
        ))}
        <CheckField
          label={
            <span>
              {t.scores} <span className="muted">{t.scoresTold}</span>
            </span>
          }
          value={scores || isShown}
          disabled={isShown}
          onChange={(scores) => set({ scores })}
        />
        {wrong.scopes && (
          <span className="wrong" role="alert">
            {t.scopesWrong}
          </span>
        )}
      </fieldset>
      <fieldset className="field">
        <legend className="label">{t.galleries}</legend>
        <CheckField
          label={t.allGalleries}
          value={isForAll}
          onChange={(isForAll) => set({ isForAll })}
        />
        {!isForAll && (
          <TextField
            label={t.galleryNames}
            told={t.galleryNamesTold}
            value={galleries}
            onChange={(galleries) => set({ galleries })}
            wrong={wrong.galleries && t.galleriesWrong}
          />
        )}
      </fieldset>
    </>
  )
}
