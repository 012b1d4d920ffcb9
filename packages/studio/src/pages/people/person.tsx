import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { api, data, ProblemError, type Schema } from '../../api/client.js'
import { useNumbers, useWords } from '../../language/language.js'
import { useMay } from '../../session/session.js'
import { Button } from '../../ui/button.js'
import { Page } from '../../ui/page.js'
import { Loaded, Notice } from '../../ui/problem.js'
import { Describe } from './person/describe.js'
import { Faces } from './person/faces.js'
import { MergeDialog } from './person/merge.js'
import { RemoveDialog } from './person/remove.js'
import { words } from './words.js'

type Dialog = 'merge' | 'remove' | null

/** Somebody of a gallery: the faces, what is told of them, and what can be done. */
export function Person({ gallery, name }: { gallery: string; name: string }) {
  const t = useWords(words)
  const may = useMay()
  const { date } = useNumbers()
  const query = useQuery({
    queryKey: ['person', gallery, name],
    queryFn: () => {
      const path = { gallery, person: name }
      return data(api.GET('/v1/galleries/{gallery}/people/{person}', { params: { path } }))
    },
  })
  const [dialog, setDialog] = useState<Dialog>(null)
  const isGone = query.error instanceof ProblemError && query.error.code === 'GALLERY_PERSON'
  const back = (
    <Link href={`/people?${new URLSearchParams({ gallery })}`}>
      <bdi>{t.back(gallery)}</bdi>
    </Link>
  )
  const actions = (person: Schema<'Person'>) => (
    <>
      {may('enroll') && (
        <Link
          className="button"
          href={`/people?${new URLSearchParams({ gallery, tab: 'enroll', who: person.name })}`}
        >
          {t.addFaces}
        </Link>
      )}
      {may('delete') && <Button onClick={() => setDialog('merge')}>{t.merge}</Button>}
      {may('delete') && (
        <Button kind="danger" onClick={() => setDialog('remove')}>
          {t.deletePerson}
        </Button>
      )}
    </>
  )
  if (isGone)
    return (
      <Page title={name} told={back}>
        <Notice kind="warn">{t.nobodyNow}</Notice>
      </Page>
    )
  return (
    <Page title={name} told={back} actions={query.data && actions(query.data)}>
      <Loaded query={query}>
        {(person) => (
          <>
            <p className="muted">{t.added(date(person.added))}</p>
            <Describe {...{ gallery, person }} />
            <Faces {...{ gallery, person }} />
            {dialog === 'merge' && (
              <MergeDialog {...{ gallery, person }} onClose={() => setDialog(null)} />
            )}
            {dialog === 'remove' && (
              <RemoveDialog {...{ gallery, person }} onClose={() => setDialog(null)} />
            )}
          </>
        )}
      </Loaded>
    </Page>
  )
}
