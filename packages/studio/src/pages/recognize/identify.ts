import type { paths } from '@arcface/server/client'
import { api, data, type Schema } from '../../api/client.js'
import type { Limit } from '../../faces/limit.js'

type Searched =
  paths['/v1/galleries/{gallery}/search']['post']['responses'][200]['content']['application/json']
export type Verdict = Searched['results'][number]
/** A face, and whom of the gallery it resembles. */
export type FaceVerdict = Schema<'Face'> & Verdict & { readonly below: readonly Schema<'Match'>[] }

/** How a gallery is asked. */
export interface Asking {
  readonly gallery: string
  readonly limit: Limit
  readonly top: number
  /** Whether those below the threshold are wanted too. */
  readonly isBelow: boolean
  /** Whether the server is to say if faces of photographs look alive. */
  readonly isLive: boolean
}

/** Below every threshold. */
const NONE = -1

/** Who the faces of a photograph are. @throws ProblemError */
export async function identifyPhoto(
  photo: File,
  { gallery, limit, top, isBelow, isLive }: Asking,
  signal?: AbortSignal,
): Promise<FaceVerdict[]> {
  const ask = async (query: object) => {
    const { photos } = await data(
      api.POST('/v1/galleries/{gallery}/identify', {
        params: { path: { gallery }, query: { top, ...query } },
        body: { photo: [photo] },
        ...(signal && { signal }),
      }),
    )
    return photos[0]?.faces ?? []
  }
  const faces = await ask({ ...limit, ...(isLive && { liveness: 'true' }) })
  const all = isBelow && faces.length > 0 ? await ask({ threshold: NONE }) : []
  return faces.map((face, i) => ({ ...face, below: behind(face, all[i]?.matches) }))
}

/** Whose embeddings these are. @throws ProblemError */
export async function searchEmbeddings(
  embeddings: readonly Float32Array[],
  { gallery, limit, top, isBelow }: Asking,
): Promise<(Verdict & { below: Schema<'Match'>[] })[]> {
  if (embeddings.length === 0) return []
  const body = { embeddings: embeddings.map((one) => Array.from(one)) }
  const ask = async (query: object) => {
    const params = { path: { gallery }, query: { top, ...query } }
    return (await data(api.POST('/v1/galleries/{gallery}/search', { params, body }))).results
  }
  const found = await ask(limit)
  const all = isBelow ? await ask({ threshold: NONE }) : []
  return found.map((one, i) => ({ ...one, below: behind(one, all[i]?.matches) }))
}

/** Of all who are most alike those who are not above the threshold. */
function behind(
  { matches }: Pick<Verdict, 'matches'>,
  all: readonly Schema<'Match'>[] = [],
): Schema<'Match'>[] {
  const names = new Set(matches.map(({ name }) => name))
  return all.filter(({ name }) => !names.has(name))
}

/** How what is said of a face's life is drawn. */
export const lifeOf = ({ live }: Schema<'Liveness'>): 'good' | 'bad' | 'warn' =>
  live === null ? 'warn' : live ? 'good' : 'bad'

/** How a box is drawn. */
export function kindOf({ known, rejected }: FaceVerdict): 'good' | 'bad' | 'warn' | undefined {
  if (rejected.length > 0) return 'warn'
  return known === null ? undefined : known ? 'good' : 'bad'
}
