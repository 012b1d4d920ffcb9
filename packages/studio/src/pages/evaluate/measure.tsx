import { type FormEvent, useState } from 'react'
import { useWords } from '../../language/language.js'
import { Button } from '../../ui/button.js'
import { CheckField } from '../../ui/field.js'
import { PlaceField } from '../../ui/place-field.js'
import { Problem } from '../../ui/problem.js'
import { useStart } from './tasks.js'
import { words } from './words.js'

/** Which model on which pairs; what was asked for last stays, for the next model. */
export function Measure() {
  const t = useWords(words)
  const [model, setModel] = useState('')
  const [images, setImages] = useState('')
  const [pairs, setPairs] = useState('')
  const [flip, setFlip] = useState(false)
  const [isTried, setTried] = useState(false)
  const start = useStart()
  const lacksSet = images === '' && pairs === ''
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (model === '' || lacksSet) return
    await start.mutateAsync({
      ...{ kind: 'scores', model, flip },
      ...(images !== '' && { images }),
      ...(pairs !== '' && { pairs }),
    })
  }
  return (
    <form className="card stack" onSubmit={(event) => void submit(event).catch(() => {})}>
      <h2>{t.measure}</h2>
      <div className="grid">
        <PlaceField
          label={t.model}
          told={t.modelTold}
          wrong={isTried && model === '' ? t.modelTold : undefined}
          value={model}
          kinds={['model', 'run']}
          onChange={setModel}
        />
        <PlaceField
          label={t.images}
          told={t.imagesTold}
          value={images}
          kinds={['people']}
          onChange={setImages}
        />
        <PlaceField
          label={t.pairs}
          told={t.pairsTold}
          wrong={isTried && lacksSet ? t.needs : undefined}
          value={pairs}
          kinds={['pairs', 'list']}
          onChange={setPairs}
        />
      </div>
      <div className="row">
        <CheckField label={t.flip} value={flip} onChange={setFlip} />
        <Button kind="main" type="submit" disabled={start.isPending}>
          {t.start}
        </Button>
      </div>
      {start.error && <Problem error={start.error} />}
    </form>
  )
}
