import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, data, ProblemError, type Schema } from '../../../api/client.js'
import { useWords } from '../../../language/language.js'
import { useMay } from '../../../session/session.js'
import { Button } from '../../../ui/button.js'
import { Field, TextField } from '../../../ui/field.js'
import { Notice, Problem } from '../../../ui/problem.js'
import { useTell } from '../../../ui/toasts.js'
import { useLeave } from '../change.js'
import { words } from '../words.js'
import { bodyOf, ConsentFields, isWithoutBasis, type Kept, keptOf } from './consent.js'

const textOf = (metadata: object) =>
  Object.keys(metadata).length === 0 ? '' : JSON.stringify(metadata, null, 2)
const groupsOf = (text: string) =>
  text
    .split(/[,，、]/)
    .map((one) => one.trim())
    .filter((one) => one !== '')

/** undefined: it is none. */
function objectOf(text: string): Record<string, unknown> | undefined {
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** What stands in the form. */
interface Written {
  readonly name: string
  readonly groups: string
  readonly metadata: string
  readonly kept: Kept
}

/**
 * Name, groups, metadata and consent, to be changed. They are saved of the person who was read: where somebody else was before, that
 * is told, what was written here stays, and the next time is meant.
 */
export function Describe({ gallery, person }: { gallery: string; person: Schema<'Person'> }) {
  const t = useWords(words)
  const tell = useTell()
  const leave = useLeave(gallery)
  const queries = useQueryClient()
  const isEditor = useMay()('enroll')
  const [given, setGiven] = useState<Written | null>(null)
  /** Whom the person at the keys has seen. */
  const [read, setRead] = useState(person)
  const [other, setOther] = useState<Schema<'Person'> | null>(null)
  const [error, setError] = useState<unknown>(null)
  if (given === null && read !== person) setRead(person)
  const stored = {
    name: person.name,
    groups: person.groups.join(', '),
    metadata: textOf(person.metadata),
    kept: keptOf(person),
  }
  const { name, groups, metadata, kept } = given ?? stored
  const set = (part: Partial<Written>) => setGiven({ name, groups, metadata, kept, ...part })
  const parsed = objectOf(metadata)
  const path = { gallery, person: person.name }
  const save = async (event: FormEvent) => {
    event.preventDefault()
    setError(null)
    try {
      const saved = await data(
        api.PATCH('/v1/galleries/{gallery}/people/{person}', {
          params: { path, header: { 'if-match': (other ?? read).version } },
          body: {
            ...{ name, groups: groupsOf(groups), metadata: parsed! },
            ...bodyOf(kept, other ?? read),
          },
        }),
      )
      setOther(null)
      setGiven(null)
      queries.setQueryData(['person', gallery, saved.name], saved)
      tell(t.saved)
      await leave(saved.name)
    } catch (thrown) {
      if (!(thrown instanceof ProblemError && thrown.code === 'GALLERY_CHANGED'))
        return setError(thrown)
      await data(api.GET('/v1/galleries/{gallery}/people/{person}', { params: { path } })).then(
        setOther,
        setError,
      )
    }
  }
  return (
    <form className="card stack" onSubmit={save}>
      <TextField
        label={t.name}
        value={name}
        onChange={(next) => set({ name: next })}
        readOnly={!isEditor}
      />
      <TextField
        label={t.groups}
        told={t.groupsTold}
        value={groups}
        onChange={(next) => set({ groups: next })}
        readOnly={!isEditor}
      />
      <Field
        label={t.metadata}
        told={t.metadataTold}
        wrong={parsed === undefined ? t.notJson : undefined}
      >
        {(described) => (
          <textarea
            className="input"
            dir="auto"
            rows={Math.min(8, Math.max(2, metadata.split('\n').length))}
            spellCheck={false}
            value={metadata}
            readOnly={!isEditor}
            onChange={({ target }) => set({ metadata: target.value })}
            {...described}
          />
        )}
      </Field>
      <ConsentFields
        value={kept}
        onChange={(part) => set({ kept: { ...kept, ...part } })}
        readOnly={!isEditor}
      />
      {other && (
        <Notice kind="warn">
          <p>{t.changed}</p>
          <bdi>{t.changedNow(other.groups.join(', ') || '–', textOf(other.metadata) || '{}')}</bdi>
        </Notice>
      )}
      {error !== null && <Problem error={error} />}
      {isEditor && (
        <div>
          <Button
            kind="main"
            type="submit"
            disabled={given === null || parsed === undefined || isWithoutBasis(kept)}
          >
            {t.save}
          </Button>
        </div>
      )}
    </form>
  )
}
