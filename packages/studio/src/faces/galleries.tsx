import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useId } from 'react'
import { api, data } from '../api/client.js'
import { useWords } from '../language/language.js'
import { useMay, useSession } from '../session/session.js'
import { TextField } from '../ui/field.js'
import { words } from './words.js'

/** The names of the galleries that the session may use: to list them takes the scope read, those of a key are known without. */
export function useGalleries() {
  const named = useSession().data?.key?.galleries
  const mayList = useMay()('read')
  return useQuery({
    queryKey: ['galleries'],
    queryFn: async () =>
      mayList || !named ? (await data(api.GET('/v1/galleries'))).galleries : named,
  })
}

/** A name of a person of a gallery, with those that have the text in theirs to choose from. */
export function PersonField({
  gallery,
  label,
  value,
  onChange,
  wrong,
  told,
}: {
  gallery: string
  label?: string
  value: string
  onChange(value: string): void
  wrong?: string | undefined
  told?: string | undefined
}) {
  const t = useWords(words)
  const id = useId()
  const search = useDeferredValue(value.trim())
  const found = useQuery({
    queryKey: ['people', gallery, 'names', search],
    queryFn: async () => {
      const query = { search, limit: 20 }
      const path = { gallery }
      const { people } = await data(
        api.GET('/v1/galleries/{gallery}/people', { params: { path, query } }),
      )
      return people.map(({ name }) => name)
    },
    enabled: search !== '',
    placeholderData: (before) => before,
  })
  return (
    <>
      <TextField
        label={label ?? t.person}
        value={value}
        onChange={onChange}
        list={id}
        autoComplete="off"
        wrong={wrong}
        told={told}
      />
      <datalist id={id}>
        {found.data?.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  )
}
