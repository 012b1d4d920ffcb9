import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { PhotoWithFaces } from '../../faces/photo.js'
import { words as faceWords } from '../../faces/words.js'
import { useNumbers, useWords } from '../../language/language.js'
import { DropFiles } from '../../ui/drop.js'
import { Empty, Loaded } from '../../ui/problem.js'
import { FaceCard } from './face.js'
import { type Asking, identifyPhoto, kindOf } from './identify.js'
import { words } from './words.js'

interface Shown {
  readonly key: number
  readonly file: File
  readonly url: string
}

/** Photographs that were dropped, chosen or pasted anywhere on the page, the newest first. */
export function Photographs({ asking }: { asking: Asking }) {
  const t = useWords(words)
  const [photos, setPhotos] = useState<readonly Shown[]>([])
  const [add] = useState(() => {
    let key = 0
    return (files: readonly File[]) =>
      setPhotos((before) => [
        ...files.map((file) => ({ key: ++key, file, url: URL.createObjectURL(file) })),
        ...before,
      ])
  })
  useEffect(() => {
    const paste = ({ clipboardData }: ClipboardEvent) => {
      const files = [...(clipboardData?.files ?? [])]
      if (files.length > 0) add(files)
    }
    document.addEventListener('paste', paste)
    return () => document.removeEventListener('paste', paste)
  }, [add])
  const current = useRef(photos)
  current.current = photos
  useEffect(
    () => () => {
      for (const { url } of current.current) URL.revokeObjectURL(url)
    },
    [],
  )
  return (
    <>
      <DropFiles told={t.drop} onFiles={add} />
      {photos.map((photo) => (
        <Photograph key={photo.key} {...{ photo, asking }} />
      ))}
    </>
  )
}

function Photograph({ photo: { key, file, url }, asking }: { photo: Shown; asking: Asking }) {
  const t = useWords(words)
  const f = useWords(faceWords)
  const { count } = useNumbers()
  const query = useQuery({
    queryKey: ['identify', key, url, asking],
    queryFn: ({ signal }) => identifyPhoto(file, asking, signal),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (before) => before,
  })
  const faces = query.data ?? []
  return (
    <section className="found" aria-label={file.name}>
      <PhotoWithFaces
        src={url}
        alt={f.photo(file.name)}
        faces={faces.map((face) => ({ box: face.box, kind: kindOf(face) }))}
      />
      <Loaded query={query}>
        {(faces) => (
          <div className="stack">
            <p role="status" className="numbers">
              <bdi>{file.name}</bdi> · {query.isFetching ? t.looking : t.faces(count(faces.length))}
            </p>
            {faces.length === 0 && <Empty>{t.noFace}</Empty>}
            <ul className="stack plain">
              {faces.map((face, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: they are told by their numbers
                <FaceCard key={i} gallery={asking.gallery} number={i + 1} face={face} />
              ))}
            </ul>
          </div>
        )}
      </Loaded>
    </section>
  )
}
