import { useState } from 'react'
import { useNumbers, useWords } from '../../../language/language.js'
import { SelectField } from '../../../ui/field.js'
import { pictureOf } from '../../../ui/picture.js'
import { words } from '../words.js'

const stepIn = (path: string) => Number(/step-(\d+)\.\w+$/.exec(path)?.[1] ?? 0)

/** Batches as the network saw them, the latest first. */
export function Pictures({ pictures }: { pictures: readonly string[] }) {
  const t = useWords(words)
  const n = useNumbers()
  const [chosen, setChosen] = useState<string | null>(null)
  const [failed, setFailed] = useState<string | null>(null)
  const shown = chosen !== null && pictures.includes(chosen) ? chosen : pictures[0]
  const alt = shown === undefined ? '' : t.pictureOf(n.count(stepIn(shown)))
  return (
    <section className="card stack" aria-labelledby="batch-pictures">
      <h2 id="batch-pictures">{t.pictures}</h2>
      {shown === undefined ? (
        <p className="muted">{t.noPictures}</p>
      ) : (
        <>
          {failed === shown ? (
            <p className="muted">{alt}</p>
          ) : (
            <img
              className="batch"
              src={pictureOf(shown, 1024)}
              alt={alt}
              onError={() => setFailed(shown)}
            />
          )}
          <SelectField
            label={t.step}
            value={shown}
            choices={pictures.map((path) => ({ value: path, label: n.count(stepIn(path)) }))}
            onChange={setChosen}
          />
        </>
      )}
    </section>
  )
}
