import { cosine } from '../similarity/cosine.js'
import type { FaceRow } from './face.js'
import type { Identified } from './identify.js'

/** A face beside those of one person. */
export interface Compared {
  /** Cosine with the most similar of them, */
  readonly similarity: number
  /** which is this one, */
  readonly face: string
  /** from there. */
  readonly source: string | null
  /** Faces that were compared. */
  readonly faces: number
}

/** The best so far, and one face more. */
export function closer(
  best: Compared | undefined,
  probe: Float32Array,
  { id, source, embedding }: Pick<FaceRow, 'id' | 'source' | 'embedding'>,
): Compared {
  const similarity = cosine(embedding, probe)
  const faces = (best?.faces ?? 0) + 1
  return best && best.similarity >= similarity
    ? { ...best, faces }
    : { similarity, face: id, source, faces }
}

/** A face that is alike another person's. */
export interface Alike {
  readonly face: string
  readonly person: string
  readonly source: string | null
  /** The other person's name. */
  readonly other: string
  /** Cosine with the most similar of the other's faces, */
  readonly similarity: number
  /** which is this one, */
  readonly otherFace: string
  /** from there. */
  readonly otherSource: string | null
}

/**
 * Of faces those that are alike another person's.
 * @param names of people, by their ids
 * @param found for each face the two most similar people, its own among them
 */
export const alikeOf = (
  faces: readonly Pick<FaceRow, 'id' | 'person' | 'source'>[],
  names: ReadonlyMap<string, string>,
  found: readonly Identified[],
): Alike[] =>
  faces.flatMap(({ id, person: owner, source }, i) => {
    const person = names.get(owner)
    const other = found[i]!.matches.find(({ name }) => name !== person)
    if (person === undefined || other === undefined) return []
    const { name, similarity, face: otherFace, source: otherSource } = other
    return [{ face: id, person, source, other: name, similarity, otherFace, otherSource }]
  })
