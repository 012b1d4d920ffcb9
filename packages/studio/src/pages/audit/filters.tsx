import { type FormEvent, useState } from 'react'
import { useWords } from '../../language/language.js'
import { Button } from '../../ui/button.js'
import { TextField } from '../../ui/field.js'
import './audit.css'
import { FIELDS, type Filter, filterIn } from './filter.js'
import { words } from './words.js'

/** Which lines are shown. */
export function Filters({ filter, onFilter }: { filter: Filter; onFilter(filter: Filter): void }) {
  const t = useWords(words)
  const [draft, setDraft] = useState(filter)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onFilter(draft)
  }
  const clear = () => {
    const empty = filterIn(new URLSearchParams())
    setDraft(empty)
    onFilter(empty)
  }
  return (
    <form className="card audit-filters" onSubmit={submit}>
      {FIELDS.map((name) => (
        <TextField
          key={name}
          label={t[name]}
          told={name === 'operation' && t.operationTold}
          type={name === 'since' || name === 'until' ? 'datetime-local' : 'text'}
          value={draft[name]}
          onChange={(value) => setDraft((before) => ({ ...before, [name]: value }))}
        />
      ))}
      <div className="row">
        <Button kind="main" type="submit">
          {t.filter}
        </Button>
        <Button onClick={clear}>{t.clear}</Button>
      </div>
    </form>
  )
}
