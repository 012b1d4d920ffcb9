import { DataError } from '../errors.js'

/** So many are named, the rest counted. */
const NAMED = 5

/** Gathers the images that a list names and that are not there, so that all are told at once, before hours of work. */
export class MissingImages {
  readonly #missing = new Map<string, string>()

  /** @param where the list, and the line if it is known */
  add(where: string, path: string): void {
    if (!this.#missing.has(path)) this.#missing.set(path, where)
  }

  /** @throws DataError DATA_PAIRS_IMAGE where there are any: names the first, counts all */
  refuse(): void {
    const [first, ...others] = [...this.#missing].map(([path, where]) => ({ path, where }))
    if (first === undefined) return
    const more = others.slice(0, NAMED - 1).map(({ path }) => path)
    const rest = others.length > more.length ? ', ...' : ''
    throw new DataError(
      'DATA_PAIRS_IMAGE',
      `${first.where}: ${first.path} is not there${
        others.length === 0
          ? ''
          : `; ${others.length + 1} images of the list are not: also ${more.join(', ')}${rest}`
      }. Check the image folder, or take these lines out of the list.`,
    )
  }
}
