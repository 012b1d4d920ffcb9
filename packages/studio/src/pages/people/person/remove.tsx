import { useState } from 'react'
import { api, data, type Schema } from '../../../api/client.js'
import { useNumbers, useWords } from '../../../language/language.js'
import { ConfirmDialog } from '../../../ui/dialog.js'
import { CheckField } from '../../../ui/field.js'
import { saveFile } from '../../../ui/save.js'
import { useTell } from '../../../ui/toasts.js'
import { useLeave } from '../change.js'
import { words } from '../words.js'

/** Says what a deletion removes and what stays, and asks. */
export function RemoveDialog({
  gallery,
  person: { name, faces, version },
  onClose,
}: {
  gallery: string
  person: Schema<'Person'>
  onClose(): void
}) {
  const t = useWords(words)
  const { count } = useNumbers()
  const tell = useTell()
  const leave = useLeave(gallery)
  const [isProved, setProved] = useState(false)
  const remove = async () => {
    const params = {
      path: { gallery, person: name },
      header: { 'if-match': version },
      query: { receipt: isProved ? ('true' as const) : ('false' as const) },
    }
    const receipt = await data(api.DELETE('/v1/galleries/{gallery}/people/{person}', { params }))
    if (isProved && receipt)
      saveFile(
        `erasure-${receipt.id}.json`,
        `${JSON.stringify(receipt, null, 2)}\n`,
        'application/json',
      )
    tell(t.deleted, name)
    void leave()
  }
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={<bdi>{t.deletePersonTitle(name)}</bdi>}
      action={t.delete}
      onConfirm={remove}
    >
      <div className="stack">
        <p>{t.removesPerson(count(faces))}</p>
        <p className="muted">{t.stays}</p>
        <CheckField label={t.receipt} value={isProved} onChange={setProved} />
        <p className="muted">{t.receiptTold}</p>
      </div>
    </ConfirmDialog>
  )
}
