import type { FaceRow } from '@arcface/vision'
import type { Table } from '../store/lance.js'
import { areIn } from '../store/sql.js'

/** What tells whether a face is there already. */
export type KnownFace = Pick<FaceRow, 'id' | 'person' | 'photo' | 'print' | 'origin'>
export const KNOWN = ['id', 'person', 'photo', 'print', 'origin']

type Told = 'id' | 'photo' | 'print' | 'origin'

/** Conditions that together ask for all faces that may be the same as some of these. */
export function* conditionsOf(
  table: Table,
  faces: readonly { readonly [key in Told]?: string | null | undefined }[],
): Generator<string> {
  for (const key of ['id', 'print', 'photo', 'origin'] as const)
    yield* areIn(
      key,
      table.asFound(
        key,
        faces.flatMap((face) => face[key] ?? []),
      ),
    )
}
