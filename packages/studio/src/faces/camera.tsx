import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'
import { useWords } from '../language/language.js'
import { Button } from '../ui/button.js'
import { Notice } from '../ui/problem.js'
import { type Boxed, Boxes } from './photo.js'
import { words } from './words.js'

export interface Camera {
  readonly video: RefObject<HTMLVideoElement | null>
  readonly isOn: boolean
  readonly error: unknown
  start(): Promise<void>
  stop(): void
}

/** The camera of this machine, off when the part that asks is gone. */
export function useCamera(): Camera {
  const video = useRef<HTMLVideoElement>(null)
  const stream = useRef<MediaStream>(undefined)
  const [isOn, setOn] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const stop = useCallback(() => {
    for (const track of stream.current?.getTracks() ?? []) track.stop()
    stream.current = undefined
    setOn(false)
  }, [])
  const start = useCallback(async () => {
    setError(null)
    try {
      const wanted = { width: { ideal: 1280 }, height: { ideal: 720 } }
      const opened = await navigator.mediaDevices.getUserMedia({ video: wanted })
      stream.current = opened
      const [track] = opened.getVideoTracks()
      if (track) track.onended = stop
      video.current!.srcObject = opened
      await video.current!.play()
      setOn(true)
    } catch (thrown) {
      stop()
      setError(thrown)
    }
  }, [stop])
  useEffect(() => stop, [stop])
  return { video, isOn, error, start, stop }
}

/** What a camera sees, with the faces in it, and the button that turns it on and off. */
export function CameraView({ camera, faces = [] }: { camera: Camera; faces?: readonly Boxed[] }) {
  const t = useWords(words)
  const { video, isOn, error, start, stop } = camera
  const { videoWidth = 0, videoHeight = 0 } = video.current ?? {}
  return (
    <div className="stack">
      <div className="photo" hidden={!isOn}>
        <video ref={video} muted playsInline aria-label={t.picture} />
        {isOn && videoWidth > 0 && <Boxes width={videoWidth} height={videoHeight} faces={faces} />}
      </div>
      {error !== null && (
        <Notice kind="bad">
          {t.noCamera}: <bdi>{(error as Error).message}</bdi>
        </Notice>
      )}
      <div>
        <Button onClick={() => (isOn ? stop() : void start())}>{isOn ? t.stop : t.start}</Button>
      </div>
    </div>
  )
}

/** What a video shows now, as a file. */
export async function frameOf(video: HTMLVideoElement, name: string): Promise<File> {
  const canvas = document.createElement('canvas')
  canvas.width = video.videoWidth
  canvas.height = video.videoHeight
  canvas.getContext('2d')!.drawImage(video, 0, 0)
  const blob = await new Promise<Blob | null>((resolve) =>
    canvas.toBlob(resolve, 'image/jpeg', 0.95),
  )
  if (blob === null) throw new Error('the camera gives no picture')
  return new File([blob], name, { type: 'image/jpeg' })
}
