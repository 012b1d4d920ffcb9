import {
  DESCRIPTION,
  type Description,
  type Due,
  type Enrolled,
  importRows,
  type NewFace,
  type NewPerson,
  type SweepOptions,
} from '@arcface/vision'
import { digestOf } from '../models/checksum.js'
import type { Plan } from './change.js'
import { addingPeople, enrolling } from './enrolling.js'
import type { HeldGallery } from './held.js'
import * as plan from './plan.js'
import { GalleryReader } from './reader.js'
import {
  checkDescription,
  checkFaces,
  checkOptions,
  checkPeople,
  checkSweep,
  cleanName,
  textsOf,
} from './rules.js'
import { exported, importedRows } from './transfer.js'

/** What is asked of a gallery in the worker; `Gallery` says what each method does. */
export class GalleryService extends GalleryReader {
  async enroll(faces: readonly NewFace[]): Promise<string[]> {
    return (await this.add(faces)).map(({ id }) => id)
  }

  async add(faces: readonly NewFace[]): Promise<Enrolled[]> {
    const checked = checkFaces(faces, this.store.model.dim)
    // Sums take time, but the write has its turn now.
    const planning = Promise.all(checked.map(printOf)).then(
      (prints) => (held: HeldGallery) => enrolling(held, checked, prints),
    )
    return this.store.write(planning)
  }

  async addPeople(people: readonly NewPerson[]): Promise<number> {
    const checked = checkPeople(people)
    return this.store.write((held) => addingPeople(held, checked))
  }

  async describe(name: string, change: Description): Promise<void> {
    checkOptions('describe', change, DESCRIPTION)
    const checked = checkDescription(change)
    await this.#change((held, where) => plan.describing(held, where, name, checked))
  }

  async rename(name: string, to: string): Promise<void> {
    const clean = cleanName(to)
    await this.#change((held, where) => plan.renaming(held, where, name, clean))
  }

  merge(name: string, into: string): Promise<void> {
    return this.#change((held, where) => plan.merging(held, where, name, into))
  }

  async moveFaces(ids: readonly string[], to: string): Promise<void> {
    const texts = textsOf(ids, 'ids')
    if (texts.length > 0)
      await this.#change((held, where) => plan.movingFaces(held, where, texts, to))
  }

  async delete(names: readonly string[]): Promise<void> {
    const texts = textsOf(names, 'names')
    await this.#change((held, where) => plan.deletingPeople(held, where, texts))
  }

  async sweep(options: SweepOptions = {}): Promise<Due[]> {
    const checked = checkSweep(options)
    return this.store.write((held) => plan.sweeping(held, this.store.where, checked))
  }

  async deleteFaces(ids: readonly string[]): Promise<number> {
    const texts = textsOf(ids, 'ids')
    return this.store.write((held) => plan.deletingFaces(held, texts))
  }

  export(): Promise<Blob> {
    return exported(this.store)
  }

  import(
    file: Blob | string,
    signal: AbortSignal,
    onProgress: (done: number) => void,
  ): Promise<number> {
    const rows = importedRows(file, this.store.model, signal)
    const thereOf = async (ids: readonly string[]) => {
      const held = await this.store.current()
      return new Set(ids.filter((id) => held.rowOf(id) !== undefined))
    }
    return importRows(this, rows, thereOf, onProgress)
  }

  close(): Promise<void> {
    return this.store.close()
  }

  #change(make: (held: HeldGallery, where: string) => Plan<void>): Promise<void> {
    return this.store.write((held) => make(held, this.store.where))
  }
}

/** See `FaceRow`. */
const printOf = ({ embedding }: NewFace): Promise<string> =>
  digestOf(new Uint8Array(Float32Array.from(embedding).buffer), 'sha256')
