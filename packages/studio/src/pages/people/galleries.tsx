import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Link } from 'wouter'
import { api, data, type Schema } from '../../api/client.js'
import { useGalleries } from '../../faces/galleries.js'
import { useNumbers, useWords } from '../../language/language.js'
import { useMay } from '../../session/session.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { TextField } from '../../ui/field.js'
import { Facts, Page, Tag } from '../../ui/page.js'
import { Empty, Loaded, Problem } from '../../ui/problem.js'
import { words } from './words.js'

/** All galleries that the session may see. */
export function Galleries() {
  const t = useWords(words)
  const may = useMay()
  const galleries = useGalleries()
  const [isMaking, setMaking] = useState(false)
  return (
    <Page
      title={t.title}
      told={t.told}
      actions={
        may('admin') && (
          <Button kind="main" onClick={() => setMaking(true)}>
            {t.newGallery}
          </Button>
        )
      }
    >
      <Loaded query={galleries}>
        {(names) =>
          names.length === 0 ? (
            <Empty>{t.noGalleries}</Empty>
          ) : (
            <ul className="grid plain">
              {names.map((name) => (
                <li key={name} className="card stack">
                  <One name={name} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {isMaking && <NewGallery onClose={() => setMaking(false)} />}
    </Page>
  )
}

function One({ name }: { name: string }) {
  const t = useWords(words)
  const { count, bytes } = useNumbers()
  const query = useGallery(name)
  const facts = ({ people, faces, bytes: size, model, search }: Schema<'Gallery'>) =>
    [
      [t.people, count(people)],
      [t.faces, count(faces)],
      ...(size === null ? [] : [[t.size, bytes(size)] as const]),
      [t.model, <bdi key="model">{model.name}</bdi>],
      [t.search, search === 'exact' ? t.exact : t.index],
    ] as const
  return (
    <>
      <h2>
        <Link href={`/people?${new URLSearchParams({ gallery: name })}`}>
          <bdi>{name}</bdi>
        </Link>
      </h2>
      <Loaded query={query}>
        {(gallery) => (
          <>
            <Facts facts={facts(gallery)} />
            {!gallery.usable && <Tag kind="warn">{t.otherModel}</Tag>}
          </>
        )}
      </Loaded>
    </>
  )
}

export const useGallery = (name: string) =>
  useQuery({
    queryKey: ['gallery', name],
    queryFn: () => {
      const path = { gallery: name }
      return data(api.GET('/v1/galleries/{gallery}', { params: { path } }))
    },
  })

function NewGallery({ onClose }: { onClose(): void }) {
  const t = useWords(words)
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [error, setError] = useState<unknown>(null)
  const make = async (event: FormEvent) => {
    event.preventDefault()
    try {
      await data(api.POST('/v1/galleries', { body: { name } }))
      await queries.invalidateQueries({ queryKey: ['galleries'] })
      onClose()
    } catch (thrown) {
      setError(thrown)
    }
  }
  return (
    <Dialog open onClose={onClose} title={t.newGallery}>
      <form className="stack" onSubmit={make}>
        <TextField
          label={t.galleryName}
          told={t.galleryRule}
          value={name}
          onChange={setName}
          required
        />
        {error !== null && <Problem error={error} />}
        <div className="actions">
          <Button kind="main" type="submit">
            {t.create}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
