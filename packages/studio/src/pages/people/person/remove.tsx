import { api, data, type Schema } from '../../../api/client.js'
import { useNumbers, useWords } from '../../../language/language.js'
import { ConfirmDialog } from '../../../ui/dialog.js'
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
  const remove = async () => {
    const params = { path: { gallery, person: name }, header: { 'if-match': version } }
    await data(api.DELETE('/v1/galleries/{gallery}/people/{person}', { params }))
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
      </div>
    </ConfirmDialog>
  )
}
