import { type FormEvent, useState } from 'react'
import { useWords } from '../language/language.js'
import { Button } from '../ui/button.js'
import { TextField } from '../ui/field.js'
import { Page } from '../ui/page.js'
import { Problem } from '../ui/problem.js'
import { useSignIn } from './session.js'
import { words } from './words.js'

/** Asks for the key; the server keeps the session, the page nothing. */
export function SignIn() {
  const t = useWords(words)
  const { signIn } = useSignIn()
  const [key, setKey] = useState('')
  const [error, setError] = useState<unknown>(null)
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(null)
    await signIn(key.trim()).catch(setError)
    setBusy(false)
  }
  return (
    <Page title={t.title} told={t.told}>
      <form className="stack card" style={{ maxWidth: '32rem' }} onSubmit={submit}>
        <TextField
          label={t.key}
          type="password"
          autoComplete="current-password"
          autoFocus
          required
          value={key}
          onChange={setKey}
        />
        {error !== null && <Problem error={error} />}
        <div>
          <Button kind="main" type="submit" disabled={isBusy}>
            {t.signIn}
          </Button>
        </div>
      </form>
    </Page>
  )
}
