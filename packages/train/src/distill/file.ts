import { createHash } from 'node:crypto'
import {
  FilesError,
  InputFile,
  OutputFile,
  readSafetensorsHeader,
  safetensorsHead,
} from '@arcface/files'

/** Of the files that are written here. */
const FORMAT = '1'
const NAME = 'teacher'
/** Bytes that are read at once to check them. */
const PIECE = 1 << 22

/** What the embeddings of a file are of. */
export interface Taught {
  /** SHA-256 of the teacher. */
  teacher: string
  /** What the images are known by. */
  data: string
  samples: number
  /** What the teacher saw of an image: it; it and its mirror image, one embedding each; or the sum of both. */
  sees: 'image' | 'each' | 'sum'
  /** Length of an embedding. */
  dim: number
}

const headOf = ({ teacher, data, samples, sees, dim }: Taught, sha256: string): Buffer =>
  safetensorsHead([[NAME, { dtype: 'float32', shape: [samples, sees === 'each' ? 2 : 1, dim] }]], {
    format: FORMAT,
    teacher,
    data,
    sees,
    sha256,
  }).head

/** Writes the embeddings of a teacher, in the order of the data: float32 [samples, 1 or 2, dim], as safetensors. */
export class TeacherWriter implements Disposable {
  readonly #file: OutputFile
  readonly #hash = createHash('sha256')

  /** @throws FilesError FILES_WRITE, FILES_DISK_FULL */
  constructor(
    path: string,
    readonly taught: Taught,
  ) {
    this.#file = new OutputFile(path, { isPrivate: true })
    this.#file.write(headOf(taught, '0'.repeat(64)))
  }

  add(rows: Float32Array): void {
    const bytes = new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength)
    this.#hash.update(bytes)
    this.#file.write(bytes)
  }

  /** Puts the file in its place, with the sum of its values. */
  commit(): void {
    this.#file.write(headOf(this.taught, this.#hash.digest('hex')), 0)
    this.#file.commit()
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]()
  }
}

/** The embeddings of a teacher on the disk: what is asked for is read, for those of a million images need not fit into memory. */
export class TeacherFile {
  readonly #file: InputFile
  readonly dim: number
  readonly #views: number
  readonly #start: number
  readonly #sum: string

  private constructor(file: InputFile) {
    this.#file = file
    const { tensors, metadata } = readSafetensorsHeader(file)
    const { start = 0, shape = [] } = tensors.get(NAME) ?? {}
    const [, views = 1, dim = 0] = shape
    this.dim = dim
    this.#views = views
    this.#start = start
    this.#sum = metadata.sha256 ?? ''
  }

  /** @throws FilesError FILES_READ, FILES_SAFETENSORS */
  static open(path: string): TeacherFile {
    const file = new InputFile(path)
    try {
      return new TeacherFile(file)
    } catch (error) {
      file.close()
      throw error
    }
  }

  /** Opens what was written of these; null where it is of others, damaged or not there. */
  static find(path: string, taught: Taught): TeacherFile | null {
    try {
      const found = TeacherFile.open(path)
      if (found.#holds(taught)) return found
      found.close()
    } catch (error) {
      if (!(error instanceof FilesError)) throw error
    }
    return null
  }

  /** Whether it is of these, and has the bytes that were written. */
  #holds(taught: Taught): boolean {
    const head = headOf(taught, this.#sum)
    return (
      this.#file.read(0, this.#start).equals(head) && sumOf(this.#file, this.#start) === this.#sum
    )
  }

  /** [N, dim] of these images, or of their mirror images where those have embeddings of their own. */
  rows(indices: Int32Array, mirrored: Uint8Array): Float32Array {
    const width = 4 * this.dim
    const bytes = new Uint8Array(indices.length * width)
    for (const [i, index] of indices.entries()) {
      const row = index * this.#views + (this.#views === 2 ? mirrored[i]! : 0)
      this.#file.readInto(bytes.subarray(i * width, (i + 1) * width), this.#start + row * width)
    }
    return new Float32Array(bytes.buffer)
  }

  close(): void {
    this.#file.close()
  }
}

function sumOf(file: InputFile, start: number): string {
  const hash = createHash('sha256')
  for (let at = start; at < file.size; at += PIECE) hash.update(file.read(at, PIECE))
  return hash.digest('hex')
}
