import { useState } from 'react'
import { api, data, type Schema } from '../../../api/client.js'
import { PersonField } from '../../../faces/galleries.js'
import { useNumbers, useWords } from '../../../language/language.js'
import { ConfirmDialog } from '../../../ui/dialog.js'
import { useTell } from '../../../ui/toasts.js'
import { useLeave } from '../change.js'
import { words } from '../words.js'

/** Asks into whom somebody is merged, and says what becomes of both. */
export function MergeDialog({
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
  const [into, setInto] = useState('')
  const merge = async () => {
    const params = { path: { gallery, person: name }, header: { 'if-match': version } }
    const url = '/v1/galleries/{gallery}/people/{person}/merge'
    const merged = await data(api.POST(url, { params, body: { into } }))
    tell(t.merged, merged.name)
    void leave(merged.name)
  }
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={<bdi>{t.mergeTitle(name)}</bdi>}
      action={t.mergeDo}
      disabled={into.trim() === ''}
      onConfirm={merge}
    >
      <div className="stack">
        <p>
          <bdi>{t.mergeTold(count(faces), name)}</bdi>
        </p>
        <PersonField gallery={gallery} label={t.into} value={into} onChange={setInto} />
      </div>
    </ConfirmDialog>
  )
}
