import { useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { api, data, type Schema } from '../api/client.js'
import { TextField } from './field.js'

type Kind = Schema<'Entries'>['entries'][number]['kind']

/** A path in the workspace, written; what lies in its folder and may be meant is proposed. */
export function PlaceField({
  label,
  told,
  wrong,
  value,
  kinds,
  onChange,
}: {
  label: string
  told?: string
  wrong?: string | undefined
  value: string
  /** What is proposed; folders always are, for they lead on. */
  kinds: readonly Kind[]
  onChange(value: string): void
}) {
  const list = useId()
  const folder = value.includes('/') ? value.slice(0, value.lastIndexOf('/')) : ''
  const entries = useQuery({
    queryKey: ['entries', folder],
    queryFn: () =>
      data(api.GET('/v1/workspace/entries', { params: { query: { path: folder, limit: 200 } } })),
    // A folder that is not there proposes nothing.
    retry: false,
  })
  const proposed = entries.data?.entries.filter(
    ({ kind }) => kind === 'folder' || kind === 'people' || kinds.includes(kind),
  )
  return (
    <>
      <TextField
        {...{ label, told, wrong, value, onChange, list }}
        autoComplete="off"
        spellCheck={false}
      />
      <datalist id={list}>
        {proposed?.map(({ path }) => (
          <option key={path} value={path} />
        ))}
      </datalist>
    </>
  )
}
