import { ask, problemOf } from './client.js'

/** Where a file of the workspace is got. */
export const fileOf = (path: string): string =>
  `/v1/workspace/files?${new URLSearchParams({ path })}`

/** A file of the workspace. @throws ProblemError */
export async function readFile(path: string): Promise<Response> {
  const answer = await ask(new Request(new URL(fileOf(path), location.href)))
  if (answer.ok) return answer
  throw problemOf(await answer.json().catch(() => null), answer.status)
}
