import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import { api, data } from '../../api/client.js'
import { useInAddress } from '../../api/place.js'
import { useNumbers, useWords } from '../../language/language.js'
import { useMay } from '../../session/session.js'
import { Button } from '../../ui/button.js'
import { ConfirmDialog } from '../../ui/dialog.js'
import { TextField } from '../../ui/field.js'
import { Page } from '../../ui/page.js'
import { Loaded, Notice } from '../../ui/problem.js'
import { Tabs } from '../../ui/tabs.js'
import { Duplicates } from './duplicates.js'
import { Enrol } from './enrol/enrol.js'
import { useGallery } from './galleries.js'
import { List } from './list.js'
import { Strangers } from './strangers.js'
import { words } from './words.js'

/** A gallery: who is in it, and what can be done with all of them. */
export function Gallery({ gallery }: { gallery: string }) {
  const t = useWords(words)
  const may = useMay()
  const [tab, setTab] = useInAddress('tab')
  const [isDeleting, setDeleting] = useState(false)
  const query = useGallery(gallery)
  const isUsable = query.data?.usable !== false
  const tabs = [
    { value: 'list', label: t.list, children: <List gallery={gallery} />, isFor: may('read') },
    {
      value: 'enroll',
      label: t.enroll,
      children: <Enrol gallery={gallery} />,
      isFor: may('enroll') && isUsable,
    },
    {
      value: 'duplicates',
      label: t.duplicates,
      children: <Duplicates gallery={gallery} />,
      isFor: may('read'),
    },
    {
      value: 'strangers',
      label: t.strangers,
      children: <Strangers gallery={gallery} />,
      isFor: may('identify') && isUsable,
    },
  ].filter(({ isFor }) => isFor)
  return (
    <Page
      title={gallery}
      told={<Link href="/people">{t.galleries}</Link>}
      actions={
        may('admin') && (
          <Button kind="danger" onClick={() => setDeleting(true)}>
            {t.deleteGallery}
          </Button>
        )
      }
    >
      <Loaded query={query}>
        {({ usable }) => (
          <>
            {!usable && <Notice kind="warn">{t.otherModel}</Notice>}
            <Tabs
              tabs={tabs}
              label={gallery}
              value={tab ?? 'list'}
              onChange={(next) => setTab(next === 'list' ? undefined : next)}
            />
          </>
        )}
      </Loaded>
      <DeleteGallery {...{ gallery }} open={isDeleting} onClose={() => setDeleting(false)} />
    </Page>
  )
}

function DeleteGallery({
  gallery,
  open,
  onClose,
}: {
  gallery: string
  open: boolean
  onClose(): void
}) {
  const t = useWords(words)
  const { count } = useNumbers()
  const queries = useQueryClient()
  const [, go] = useLocation()
  const [typed, setTyped] = useState('')
  const { data: now } = useGallery(gallery)
  const remove = async () => {
    const path = { gallery }
    await data(api.DELETE('/v1/galleries/{gallery}', { params: { path } }))
    await queries.invalidateQueries({ queryKey: ['galleries'] })
    go('/people')
  }
  return (
    <ConfirmDialog
      open={open}
      onClose={onClose}
      title={t.deleteGalleryTitle(gallery)}
      action={t.delete}
      disabled={typed !== gallery}
      onConfirm={remove}
    >
      <div className="stack">
        <p>{now && t.removesGallery(count(now.people), count(now.faces))}</p>
        <p className="muted">{t.stays}</p>
        <TextField label={t.typeName} value={typed} onChange={setTyped} />
      </div>
    </ConfirmDialog>
  )
}
