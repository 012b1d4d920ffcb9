import {
  checkEnrollable,
  type EmbedOneOptions,
  type Enrolled,
  FACE,
  type IdentifiedFace,
  type IdentifyPhotoOptions,
  identifyFaces,
  type NewFace,
} from '@arcface/vision'
import { digestOf } from '../models/checksum.js'
import { checkOptions } from '../options.js'
import { closing, nameOf } from '../photo/reader.js'
import type { SentPhoto } from '../photo/source.js'
import type { Handlers } from '../rpc/server.js'
import type { Session } from './service.js'

export interface EnrollArgs {
  readonly photo: SentPhoto
  readonly face: Omit<NewFace, 'embedding'>
  readonly options: EmbedOneOptions
}

export interface IdentifyArgs {
  readonly photo: SentPhoto
  readonly options: IdentifyPhotoOptions
}

/** What a page asks of photographs and its gallery. */
export const peopleHandlers = (session: Session): Handlers => ({
  enroll: ({ photo, face, options }: EnrollArgs, { signal }): Promise<Enrolled> =>
    closing([photo], async () => {
      checkOptions('enroll', face, FACE)
      const gallery = await session.gallery.open()
      const found = await session.recognizer.embedOne(photo, {
        purpose: 'enrolment',
        ...options,
        signal,
      })
      checkEnrollable(found, nameOf(photo))
      const { embedding, thumbnail } = found
      const hash = await hashOf(photo)
      const [enrolled] = await gallery.add([
        { ...(thumbnail && { thumbnail }), ...(hash && { photo: hash }), ...face, embedding },
      ])
      return enrolled!
    }),

  identify: ({ photo, options }: IdentifyArgs, { signal }): Promise<IdentifiedFace[]> =>
    closing([photo], async () => {
      const gallery = await session.gallery.open()
      const { recognizer } = session
      return identifyFaces(
        recognizer.thresholds,
        options,
        (embed) => recognizer.embed(photo, { ...embed, signal }),
        (embeddings, search) => gallery.identifyMany(embeddings, search),
      )
    }),
})

/** sha-256 of a file, which tells whether the photograph is there already; what is shown in a page has none. */
async function hashOf(photo: SentPhoto): Promise<string | undefined> {
  if (photo.kind !== 'file') return undefined
  return digestOf(new Uint8Array(await photo.file.arrayBuffer()), 'sha256')
}
