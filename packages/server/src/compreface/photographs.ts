import { GalleryError } from '@arcface/gallery'
import { cosine } from '@arcface/vision'
import type { FastifyInstance } from 'fastify'
import type { App } from '../app/app.js'
import { inputOf, note } from '../audit/note.js'
import { BODY_BYTES, readSent } from './bodies.js'
import { detectFaces, embedFaces, versionsOf } from './find.js'
import { mayScore, placeOf } from './gallery.js'
import { itemOf } from './items.js'
import { findParameters, predictionCount } from './query.js'
import { ComprefaceRefusal } from './refusals.js'
import { both, idOf, type WithId } from './routes.js'
import { comparing, recognize, toldOf } from './verdicts.js'

const photo = { config: { scope: 'identify', work: 'photo' }, bodyLimit: BODY_BYTES } as const

/** Who, where and whether the same: what is asked of photographs. */
export const photographs = (app: App) => async (server: FastifyInstance) => {
  const versions = (status: boolean, withEmbeddings: boolean) =>
    status ? { plugins_versions: versionsOf(app, withEmbeddings) } : {}

  both(server, {
    ...{ method: 'POST', url: '/detection/detect', ...photo },
    handler: async (request) => {
      const { pictures, parameters } = await readSent(request, ['file'])
      const options = findParameters(parameters)
      const wanted = { ...options, detect: true }
      const withEmbeddings = options.plugins.has('calculator')
      const { faces, times } = withEmbeddings
        ? await embedFaces(app, request, pictures[0]!, wanted)
        : await detectFaces(app, request, pictures[0]!, wanted)
      return {
        result: faces.map((face) => itemOf(face, options, times)),
        ...versions(options.status, withEmbeddings),
      }
    },
  })

  both(server, {
    ...{ method: 'POST', url: '/recognition/recognize', ...photo },
    handler: async (request) => {
      const { pictures, parameters } = await readSent(request, ['file'])
      const options = findParameters(parameters)
      const count = predictionCount(parameters)
      const { faces, times } = await embedFaces(app, request, pictures[0]!, options)
      const verdicts = await recognize(app, await placeOf(app, request), faces, count)
      const told = verdicts.map((one) => toldOf(one))
      note(request, { inputs: [inputOf(pictures[0]!, told)] })
      return {
        result: faces.map((face, i) => ({ ...itemOf(face, options, times), ...verdicts[i]! })),
        ...versions(options.status, true),
      }
    },
  })

  server.route<WithId>({
    ...{ method: 'POST', url: '/recognition/faces/:id/verify', ...photo },
    handler: async (request) => {
      const { pictures, parameters } = await readSent(request, ['file'])
      const options = findParameters(parameters)
      const id = idOf(request.params)
      const { gallery, scores } = await placeOf(app, request)
      const found = await embedFaces(app, request, pictures[0]!, { ...options, detect: true })
      const [stored] = (await gallery?.facesOf([id])) ?? []
      const compare = comparing(app, scores)
      // Against nobody's face CompreFace finds nothing alike, and does not say that there is none.
      const compared = found.faces.map(async ({ embedding, rejected }) => {
        const near = stored && (await cosineOr(() => gallery!.compareFace(id, embedding)))
        return near === undefined ? { similarity: 0 } : compare(near, rejected)
      })
      const verdicts = await Promise.all(compared)
      const subject = stored?.person ?? ''
      const told = verdicts.map((one) => toldOf(one, stored ? [subject] : []))
      note(request, { inputs: [inputOf(pictures[0]!, told)] })
      const result = found.faces.map((face, i) => ({
        ...itemOf(face, options, found.times),
        subject,
        ...verdicts[i]!,
      }))
      return { result, ...versions(options.status, true) }
    },
  })

  both(server, {
    ...{ method: 'POST', url: '/verification/verify', ...photo },
    handler: async (request) => {
      const { pictures, parameters } = await readSent(request, ['source_image', 'target_image'])
      const options = { ...findParameters(parameters), detect: true }
      const source = await embedFaces(app, request, pictures[0]!, options)
      if (source.faces.length > 1) throw new ComprefaceRefusal('manyFaces')
      const target = await embedFaces(app, request, pictures[1]!, options)
      const [face] = source.faces
      const compare = comparing(app, mayScore(request))
      const verdicts = target.faces.map((other) =>
        compare(cosine(face!.embedding, other.embedding), [...face!.rejected, ...other.rejected]),
      )
      const told = verdicts.map((one) => toldOf(one))
      note(request, { inputs: pictures.map((picture) => inputOf(picture, told)) })
      const matches = target.faces.map((other, i) => ({
        ...itemOf(other, options, target.times),
        ...verdicts[i]!,
      }))
      return {
        result: [
          {
            source_image_face: itemOf(face!, options, source.times),
            face_matches: matches,
            ...versions(options.status, true),
          },
        ],
      }
    },
  })
}

/** Undefined where the face has gone meanwhile. */
export async function cosineOr(compare: () => Promise<number>): Promise<number | undefined> {
  try {
    return await compare()
  } catch (error) {
    if (error instanceof GalleryError && error.code === 'GALLERY_FACE') return undefined
    throw error
  }
}
