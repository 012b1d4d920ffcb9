import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, extname, join, relative } from 'node:path'
import { makeFolder, OutputFile } from '@arcface/files'
import { ServerError } from '../errors.js'
import { isRunFolder } from './entries.js'
import type { Workspace } from './workspace.js'

/** Texts that may be put into the workspace. */
export const TEXTS = ['.txt', '.csv', '.json', '.yaml'] as const

/** Files that are being written, so that of two that come at once one is told. */
const writing = new Set<string>()

/**
 * Puts a text into the workspace, whole or not at all; folders above it are made.
 * @param replace what is there may be replaced
 * @returns whether something was
 * @throws ServerError SERVER_REQUEST: another ending, a place of tasks or of a run, or as `Workspace.pathOf`;
 *   SERVER_CONFLICT: it is there; FilesError FILES_WRITE, FILES_DISK_FULL
 */
export async function putText(
  workspace: Workspace,
  place: string,
  text: Uint8Array,
  replace: boolean,
): Promise<boolean> {
  const path = workspace.pathOf(place)
  workspace.checkOwn(place)
  if (!TEXTS.some((ending) => extname(place).toLowerCase() === ending))
    throw new ServerError('SERVER_REQUEST', `path: it must end in ${TEXTS.join(', ')}`)
  if (isInRun(path, workspace))
    throw new ServerError('SERVER_REQUEST', 'path: what lies in a run is not written by hand')
  const isThere = existsSync(path)
  if (isThere && !statSync(path).isFile())
    throw new ServerError('SERVER_CONFLICT', 'something lies there that is no file')
  if ((isThere && !replace) || writing.has(path))
    throw new ServerError('SERVER_CONFLICT', 'something lies there already', {
      hint: 'Choose another name, or ask for it to be replaced.',
    })
  writing.add(path)
  try {
    makeFolder(dirname(path), 0o700)
    using file = new OutputFile(path, { isPrivate: true })
    await file.writeAsync([text])
    await file.commitAsync()
  } finally {
    writing.delete(path)
  }
  return isThere
}

/** With its configuration changed, a run that is gone on with would be another. */
function isInRun(path: string, { folder }: Workspace): boolean {
  for (let above = dirname(path); relative(folder, above) !== ''; above = dirname(above))
    if (existsSync(join(above, 'config.yaml')) && isRunFolder(readdirSync(above))) return true
  return false
}
