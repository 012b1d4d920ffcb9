import type { Recognizer } from '@arcface/browser'
import { useEffect, useState } from 'react'
import { api, data } from '../../api/client.js'
import { type Asking, type FaceVerdict, searchEmbeddings } from './identify.js'

export type PageModels =
  | { readonly state: 'off' }
  | { readonly state: 'loading'; readonly loaded: number; readonly total: number }
  | { readonly state: 'failed'; readonly message: string }
  | {
      readonly state: 'open'
      /** Who is seen now: the picture stays in the page, embeddings are sent. */
      identify(video: HTMLVideoElement, asking: Asking): Promise<FaceVerdict[]>
    }

/** The server's own models, opened in the page by @arcface/browser, so that embeddings are the gallery's. */
export function usePageModels(isWanted: boolean): PageModels {
  const [models, setModels] = useState<PageModels>({ state: 'off' })
  useEffect(() => {
    if (!isWanted) return setModels({ state: 'off' })
    const end = new AbortController()
    let opened: Recognizer | undefined
    setModels({ state: 'loading', loaded: 0, total: 0 })
    open(end.signal, (loaded, total) => {
      if (!end.signal.aborted) setModels({ state: 'loading', loaded, total })
    }).then(
      (recognizer) => {
        opened = recognizer
        if (end.signal.aborted) return void recognizer.close()
        setModels({
          state: 'open',
          identify: (video, asking) => identify(recognizer, video, asking),
        })
      },
      (error: unknown) => {
        if (!end.signal.aborted) setModels({ state: 'failed', message: (error as Error).message })
      },
    )
    return () => {
      end.abort()
      void opened?.close()
    }
  }, [isWanted])
  return models
}

async function open(
  signal: AbortSignal,
  onProgress: (loaded: number, total: number) => void,
): Promise<Recognizer> {
  const { files, preprocessing, minScore, quality } = await data(api.GET('/v1/model/files'))
  // With the runtime: tens of megabytes, which come only where they are wanted.
  const { Recognizer } = await import('@arcface/browser')
  const given = Object.fromEntries(
    files.map(({ part, sha256 }) => [
      part,
      { from: `/v1/model/files/${part}`, sha256, name: part },
    ]),
  )
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const loaded = new Map<string, number>()
  return Recognizer.open({
    models: {
      detector: given.detector!,
      ...(given.landmarks && { landmarks: given.landmarks }),
      embedder: { ...given.embedder!, preprocessing: preprocessing as never },
    },
    ...(minScore !== null && { minScore }),
    ...(quality !== undefined && quality !== null && { quality: quality as never }),
    signal,
    onProgress: (progress) => {
      loaded.set(progress.file, progress.loaded)
      onProgress(
        [...loaded.values()].reduce((sum, one) => sum + one, 0),
        total,
      )
    },
  })
}

async function identify(
  recognizer: Recognizer,
  video: HTMLVideoElement,
  asking: Asking,
): Promise<FaceVerdict[]> {
  const faces = await recognizer.embed(video)
  const good = faces.filter(({ rejected }) => rejected.length === 0)
  const found = await searchEmbeddings(
    good.map(({ embedding }) => embedding),
    asking,
  )
  const verdicts = new Map(good.map((face, i) => [face, found[i]!]))
  return faces.map((face) => {
    const { box, points, score, quality, grade, rejected } = face
    const graded = { value: grade.value, parts: { ...grade.parts } }
    const seen = { box, points: [...points], score, quality: { ...quality }, grade: graded }
    return { ...nothing, ...verdicts.get(face), ...seen, rejected: [...rejected] }
  })
}

/** Of a face that is not good enough to be asked about. */
const nothing = {
  ...{ known: null, threshold: null, far: null, fpir: null, source: null, warning: null },
  ...{ searched: { people: 0, faces: 0 }, matches: [], below: [] },
}
