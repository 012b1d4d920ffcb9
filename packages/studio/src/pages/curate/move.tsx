import { type FormEvent, useMemo, useState } from 'react'
import { useWords } from '../../language/language.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { TextField } from '../../ui/field.js'
import { words } from './words.js'

/** Names that are offered at once. */
const OFFERED = 8

/** To whom images go: somebody who is there, or a new name. */
export function MoveDialog({
  open,
  onClose,
  people,
  first,
  onMove,
}: {
  open: boolean
  onClose(): void
  people: readonly string[]
  first: string
  onMove(person: string): void
}) {
  const t = useWords(words)
  const [person, setPerson] = useState(first)
  const offered = useMemo(() => {
    const wanted = person.toLowerCase()
    const found: string[] = []
    for (const one of people) {
      if (one !== person && one.toLowerCase().includes(wanted)) found.push(one)
      if (found.length === OFFERED) break
    }
    return found
  }, [people, person])
  const isNew = useMemo(() => person !== '' && !people.includes(person), [people, person])
  const isWrong = /[\t\r\n]/.test(person)
  const move = (event: FormEvent) => {
    event.preventDefault()
    if (person === '' || isWrong) return
    onMove(person)
    onClose()
  }
  return (
    <Dialog open={open} onClose={onClose} title={t.moveTitle}>
      <form className="stack" onSubmit={move}>
        <TextField
          label={t.movePerson}
          value={person}
          onChange={setPerson}
          told={isNew ? t.moveNew : t.moveTold}
          autoFocus
          autoComplete="off"
          onFocus={({ target }) => target.select()}
        />
        <ul className="curate-names">
          {offered.map((one) => (
            <li key={one}>
              <Button onClick={() => setPerson(one)}>
                <bdi>{one}</bdi>
              </Button>
            </li>
          ))}
        </ul>
        <div className="actions">
          <Button kind="main" type="submit" disabled={person === '' || isWrong}>
            {t.moveDo}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
