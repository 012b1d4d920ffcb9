import { ask, problemOf } from '../../api/client.js'
import { type Rows, rowsOfNpy } from './npy.js'
import type { Points, Suspects } from './suspects.js'

const file = async (path: string): Promise<Response> => {
  const address = `/v1/workspace/files?${new URLSearchParams({ path })}`
  const answer = await ask(new Request(new URL(address, location.href)))
  if (answer.ok) return answer
  throw problemOf(await answer.json().catch(() => null), answer.status)
}

/** Of a task's folder. @throws ProblemError */
export const readSuspects = async (folder: string): Promise<Suspects> =>
  (await file(`${folder}/suspects/suspects.json`)).json()
/** @throws ProblemError */
export const readPoints = async (folder: string): Promise<Points> =>
  (await file(`${folder}/suspects/points.json`)).json()
/** Principal components of the embeddings. @throws ProblemError */
export const readComponents = async (folder: string): Promise<Rows> =>
  rowsOfNpy(await (await file(`${folder}/suspects/components.npy`)).arrayBuffer())

/** Puts a text that is not there yet. @throws ProblemError */
export async function putText(path: string, text: string): Promise<void> {
  const address = `/v1/workspace/files?${new URLSearchParams({ path })}`
  const headers = { 'content-type': 'application/json' }
  const answer = await ask(
    new Request(new URL(address, location.href), { method: 'PUT', body: text, headers }),
  )
  if (!answer.ok) throw problemOf(await answer.json().catch(() => null), answer.status)
}
