import { useEffect, useRef, useState } from 'react'
import { CameraView, frameOf, useCamera } from '../../faces/camera.js'
import { useNumbers, useWords } from '../../language/language.js'
import { SelectField } from '../../ui/field.js'
import { Notice, Problem } from '../../ui/problem.js'
import { FaceCard } from './face.js'
import { type Asking, type FaceVerdict, identifyPhoto, kindOf } from './identify.js'
import { usePageModels } from './page-models.js'
import { words } from './words.js'

type Where = 'byServer' | 'byPage'
/** Between two pictures at least, in milliseconds, so that the server has time for others. */
const PAUSE_MS = 200

/** Faces before the camera, one picture after the other. */
export function CameraPage({ asking }: { asking: Asking }) {
  const t = useWords(words)
  const { bytes, fixed } = useNumbers()
  const camera = useCamera()
  const [where, setWhere] = useState<Where>('byServer')
  const models = usePageModels(where === 'byPage')
  const [faces, setFaces] = useState<readonly FaceVerdict[]>([])
  const [error, setError] = useState<unknown>(null)
  const [speed, setSpeed] = useState<number | null>(null)
  const current = useRef({ asking, models })
  current.current = { asking, models }
  const isReady = where === 'byServer' || models.state === 'open'
  const { isOn, video } = camera
  useEffect(() => {
    if (!isOn || !isReady) return
    const end = new AbortController()
    const look = async () => {
      const { asking, models } = current.current
      if (where === 'byPage' && models.state === 'open')
        return models.identify(video.current!, asking)
      return identifyPhoto(await frameOf(video.current!, 'camera.jpg'), asking, end.signal)
    }
    const run = async () => {
      while (!end.signal.aborted) {
        const start = performance.now()
        try {
          const found = await look()
          if (end.signal.aborted) return
          setFaces(found)
          setError(null)
        } catch (thrown) {
          if (end.signal.aborted) return
          setError(thrown)
          await new Promise((resolve) => setTimeout(resolve, 2000))
        }
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
        setSpeed(1000 / (performance.now() - start))
      }
    }
    void run()
    return () => {
      end.abort()
      setFaces([])
      setSpeed(null)
    }
  }, [isOn, isReady, where, video])
  return (
    <>
      <SelectField<Where>
        label={t.where}
        value={where}
        onChange={setWhere}
        choices={(['byServer', 'byPage'] as const).map((value) => ({ value, label: t[value] }))}
      />
      {where === 'byPage' && models.state === 'loading' && (
        <Notice>
          {models.total > 0 ? t.loading(bytes(models.loaded), bytes(models.total)) : t.opening}
        </Notice>
      )}
      {where === 'byPage' && models.state === 'failed' && (
        <Notice kind="bad">
          <bdi>{models.message}</bdi>
        </Notice>
      )}
      {error !== null && <Problem error={error} />}
      <div className="found">
        <div>
          <CameraView
            camera={camera}
            faces={faces.map((face) => ({ box: face.box, kind: kindOf(face) }))}
          />
          {speed !== null && <p className="muted numbers">{t.perSecond(fixed(speed, 1))}</p>}
        </div>
        <ul className="stack plain">
          {faces.map((face, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they are told by their numbers
            <FaceCard key={i} gallery={asking.gallery} number={i + 1} face={face} />
          ))}
        </ul>
      </div>
    </>
  )
}
