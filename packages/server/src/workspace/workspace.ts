import { lstatSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { liesWithin, makeFolder } from '@arcface/files'
import { ServerError } from '../errors.js'
import { checkPlace } from './place.js'

/** Of tasks, in the workspace: their folders are the server's own. */
export const TASKS = 'tasks'

/** What an installed pack may be called; anything else that is no place is no model. */
const PACK = /^[A-Za-z0-9][\w.-]*$/

/** The folder that the studio sees, and no more of this machine. */
export class Workspace {
  /** @param folder made where it is not there, for this user alone @throws FilesError FILES_WRITE */
  constructor(readonly folder: string) {
    makeFolder(folder, 0o700)
  }

  /**
   * Where a place lies on this machine, there or not.
   * @param what it is called in messages
   * @throws ServerError SERVER_REQUEST: it is no place, or links lead outside
   */
  pathOf(place: string, what = 'path'): string {
    checkPlace(place, what)
    const path = join(this.folder, place)
    if (!liesWithin(path, this.folder))
      throw new ServerError('SERVER_REQUEST', `${what}: a link in it leads out of the workspace`)
    this.#checkLinks(place, what)
    return path
  }

  /** What is made behind a link that leads nowhere lies where that one says. */
  #checkLinks(place: string, what: string): void {
    let path = this.folder
    for (const part of place.split('/')) {
      path = join(path, part)
      if (ownStatOf(path)?.isSymbolicLink() && statOf(path) === undefined)
        throw new ServerError('SERVER_REQUEST', `${what}: a link in it leads nowhere`)
    }
  }

  /** Of what is there. @throws ServerError SERVER_MISSING; as `pathOf` */
  there(place: string, what = 'path'): { readonly path: string; readonly stat: Stats } {
    const path = this.pathOf(place, what)
    const stat = statOf(path)
    if (stat === undefined)
      throw new ServerError('SERVER_MISSING', `${what}: nothing lies there in the workspace`)
    return { path, stat }
  }

  /**
   * A place as an argument of a command that runs in the workspace's folder.
   * @throws as `there`
   */
  argument(place: string, what = 'path'): string {
    this.there(place, what)
    return asArgument(place)
  }

  /** Of something that a command is to make: not among the folders of tasks. @throws as `pathOf` */
  newArgument(place: string, what = 'path'): string {
    this.pathOf(place, what)
    this.checkOwn(place, what)
    return asArgument(place)
  }

  /** What lies in the workspace, else the name of a pack. @throws ServerError SERVER_MISSING; as `pathOf` */
  modelArgument(model: string, what = 'model'): string {
    const isThere = statOf(this.pathOf(model, what)) !== undefined
    // A pack that is called like a file in the workspace: the file is nearer.
    if (isThere) return PACK.test(model) ? `./${model}` : asArgument(model)
    if (PACK.test(model)) return model
    throw new ServerError('SERVER_MISSING', `${what}: nothing lies there in the workspace`)
  }

  /** That a request may write there, also behind a link. @throws ServerError SERVER_REQUEST */
  checkOwn(place: string, what = 'path'): void {
    if (liesWithin(join(this.folder, place), join(this.folder, TASKS)))
      throw new ServerError('SERVER_REQUEST', `${what}: what lies in ${TASKS}/ is the server's`)
  }
}

/** What begins like an option is none. */
const asArgument = (place: string): string => (/^-/.test(place) ? `./${place}` : place)

/** Links are followed; undefined also where one of them leads nowhere, or the name is one that no file system takes. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/** Without following a link. */
export function ownStatOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}
