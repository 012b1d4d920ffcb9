import { useId } from 'react'
import type { Schema } from '../api/client.js'
import { useEntries } from '../api/workspace.js'
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
  // A folder that is not there proposes nothing.
  const entries = useEntries(folder)
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
