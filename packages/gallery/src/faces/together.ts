import type { Enrolled, NewFace } from '@arcface/vision'
import type { Tables } from '../store/tables.js'
import { addIn } from './add.js'

/** Calls that wait for their turn to write, and what becomes of each. */
export interface Together {
  readonly calls: (readonly NewFace[])[]
  readonly written: Promise<PromiseSettledResult<Enrolled[]>[]>
}

/** Faces of a commit. */
const MOST = 1000

export const hasRoom = ({ calls }: Together, faces: readonly NewFace[]): boolean =>
  calls.reduce((sum, { length }) => sum + length, faces.length) <= MOST

/**
 * Adds what several calls bring in one commit, which takes hardly longer than that of one face.
 * @param guarded makes errors of this room
 */
export async function addTogether(
  tables: Tables,
  calls: Together['calls'],
  guarded: <T>(work: () => Promise<T>) => Promise<T>,
): Promise<PromiseSettledResult<Enrolled[]>[]> {
  try {
    const results = (await addIn(tables, calls.flat())).values()
    return calls.map((faces) => ({
      status: 'fulfilled',
      value: faces.map(() => results.next().value!),
    }))
  } catch (error) {
    if (calls.length === 1) throw error
  }
  // What is wrong with one call is no concern of the others.
  const settled: PromiseSettledResult<Enrolled[]>[] = []
  for (const faces of calls)
    settled.push(...(await Promise.allSettled([guarded(() => addIn(tables, faces))])))
  return settled
}
