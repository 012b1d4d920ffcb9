import { useState } from 'react'
import { api, data, type Schema } from '../../../api/client.js'
import { PersonField } from '../../../faces/galleries.js'
import { useNumbers, useWords } from '../../../language/language.js'
import { useMay } from '../../../session/session.js'
import { ConfirmDialog } from '../../../ui/dialog.js'
import { SelectField, TextField } from '../../../ui/field.js'
import { useTell } from '../../../ui/toasts.js'
import { useRenew } from '../change.js'
import { words } from '../words.js'

type Whose = 'somebody' | 'somebodyNew' | 'nobodys'

/** Asks whose faces are that are not this person's, and gives them to whom they belong. */
export function NotThisPerson({
  gallery,
  person,
  faces,
  alike = '',
  onClose,
  onDone,
}: {
  gallery: string
  person: Schema<'Person'>
  /** Ids. */
  faces: readonly string[]
  /** Whom they resemble, where that is known. */
  alike?: string | undefined
  onClose(): void
  onDone(): void
}) {
  const t = useWords(words)
  const may = useMay()
  const { count } = useNumbers()
  const tell = useTell()
  const renew = useRenew(gallery)
  const choices = (['somebody', 'somebodyNew', 'nobodys'] as const).filter((one) =>
    may(one === 'nobodys' ? 'delete' : 'enroll'),
  )
  const [whose, setWhose] = useState<Whose>(choices[0] ?? 'somebody')
  const [to, setTo] = useState(alike)
  const ids = [...faces]
  const params = { path: { gallery } }
  const give = async () => {
    if (whose === 'nobodys')
      await data(api.POST('/v1/galleries/{gallery}/faces/delete', { params, body: { ids } }))
    else {
      const body = { ids, to, new: whose === 'somebodyNew' }
      await data(api.POST('/v1/galleries/{gallery}/faces/move', { params, body }))
    }
    tell(whose === 'nobodys' ? t.deleted : t.moved)
    onDone()
    await renew()
  }
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={<bdi>{t.notThisPersonTitle(count(ids.length), person.name)}</bdi>}
      action={whose === 'nobodys' ? t.delete : t.move}
      kind={whose === 'nobodys' ? 'danger' : 'main'}
      disabled={whose !== 'nobodys' && to.trim() === ''}
      onConfirm={give}
    >
      <div className="stack">
        <SelectField<Whose>
          label={t.whose}
          value={whose}
          onChange={setWhose}
          choices={choices.map((value) => ({ value, label: t[value] }))}
        />
        {whose === 'somebody' && <PersonField gallery={gallery} value={to} onChange={setTo} />}
        {whose === 'somebodyNew' && <TextField label={t.name} value={to} onChange={setTo} />}
        {whose === 'nobodys' && <p>{t.removesFaces(count(ids.length))}</p>}
      </div>
    </ConfirmDialog>
  )
}
