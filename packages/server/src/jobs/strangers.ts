import type { Stranger } from '@arcface/gallery'
import { ServerError } from '../errors.js'

/** Faces that are held, of all jobs: some 120 MB. */
const MOST = 20_000

/** A stranger of a job, and the sha-256 of the photograph. */
export type HeldStranger = Stranger & { readonly hash: string | undefined }

/** Faces that jobs have found, in memory alone, so that they can be looked at and enrolled; the oldest jobs' go first. */
export class Strangers {
  readonly #faces = new Map<string, readonly HeldStranger[]>()

  hold(job: string, faces: readonly HeldStranger[]): void {
    this.#faces.set(job, faces.slice(0, MOST))
    let held = [...this.#faces.values()].reduce((sum, one) => sum + one.length, 0)
    for (const [other, { length }] of this.#faces) {
      if (held <= MOST || other === job) return
      this.#faces.delete(other)
      held -= length
    }
  }

  /** @throws ServerError SERVER_JOB */
  of(job: string, face: number): HeldStranger {
    const found = this.#faces.get(job)?.[face]
    if (found) return found
    throw new ServerError('SERVER_JOB', 'this face is not held (any more)', {
      hint: 'Start the job again.',
    })
  }

  drop(job: string): void {
    this.#faces.delete(job)
  }
}
