import { FilesError, InputFile, ZipArchive } from '@arcface/files'
import { ServerError } from '../errors.js'
import type { Picture } from '../http/pictures.js'

const IMAGE = /\.(jpe?g|png|webp|avif|tiff?|gif|bmp)$/i

/** A photograph in a zip, and whose folder it lies in. */
export interface Member {
  readonly person: string
  /** Path in the zip. */
  readonly name: string
}

/** The photographs of a zip, read one by one and never written to the disk. */
export class Photographs {
  readonly #file: InputFile
  readonly #archive: ZipArchive
  readonly members: readonly Member[]

  /** @throws FilesError FILES_ARCHIVE: it is no zip, damaged or hostile */
  constructor(path: string) {
    this.#file = new InputFile(path)
    try {
      this.#archive = new ZipArchive(this.#file, damaged)
      this.members = this.#archive.names.filter(isPhotograph).map((name) => ({
        person: name.split('/').at(-2) ?? '',
        name,
      }))
    } catch (error) {
      this.#file[Symbol.dispose]()
      throw error
    }
  }

  /** @throws ServerError SERVER_TOO_LARGE; FilesError FILES_ARCHIVE */
  async read(name: string, limit: number): Promise<Picture> {
    const chunks: Uint8Array[] = []
    let length = 0
    const refuse = () => new ServerError('SERVER_TOO_LARGE', `${name} has more than ${limit} bytes`)
    if (this.#archive.sizeOf(name) > limit) throw refuse()
    for await (const chunk of this.#archive.unpack(name)) {
      length += chunk.length
      if (length > limit) throw refuse()
      chunks.push(chunk)
    }
    return Object.assign(Buffer.concat(chunks, length), { name })
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]()
  }
}

/** What is wrong with one member of a zip, and keeps nobody from the others. */
export const isOfMember = (error: unknown): error is Error =>
  ['SERVER_TOO_LARGE', 'FILES_ARCHIVE'].includes(String((error as { code?: unknown }).code))

/** What systems put beside photographs is none. */
const isPhotograph = (name: string) =>
  IMAGE.test(name) && !name.split('/').some((part) => part.startsWith('.') || part === '__MACOSX')

const damaged = (why: string, cause?: unknown) =>
  new FilesError('FILES_ARCHIVE', `the zip: ${why}`, { cause })
