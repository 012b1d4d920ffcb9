import type { SuspectPoints, SuspectsFile } from '@arcface/evaluate'
import { ask, problemOf } from '../../api/client.js'
import { fileOf, readFile } from '../../api/files.js'
import { type Rows, rowsOfNpy } from './npy.js'

/** Of a task's folder. @throws ProblemError */
export const readSuspects = async (folder: string): Promise<SuspectsFile> =>
  (await readFile(`${folder}/suspects/suspects.json`)).json()
/** @throws ProblemError */
export const readPoints = async (folder: string): Promise<SuspectPoints> =>
  (await readFile(`${folder}/suspects/points.json`)).json()
/** Principal components of the embeddings. @throws ProblemError */
export const readComponents = async (folder: string): Promise<Rows> =>
  rowsOfNpy(await (await readFile(`${folder}/suspects/components.npy`)).arrayBuffer())

/** Puts a text that is not there yet. @throws ProblemError */
export async function putText(path: string, text: string): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await ask(
    new Request(new URL(fileOf(path), location.href), { method: 'PUT', body: text, headers }),
  )
  if (!answer.ok) throw problemOf(await answer.json().catch(() => null), answer.status)
}
