import { type nn, noGrad, ops, scope, type Tensor, tensor } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import { type DistillLoss, distillLosses, rowCosines } from '../losses/distill/index.js'
import { embedBatch } from '../network/embed.js'
import type { TeacherFile } from './file.js'

/** Some images of a batch, as the student has them. */
export interface Shown {
  /** Places in the data, and 1 for those that are mirrored. */
  indices: Int32Array
  mirrored: Uint8Array
  /** What the student is given, [N, 3, 112, 112]. */
  input: Tensor
}

/** What a student is compared with in every step. It owns what gives the teacher's embeddings. */
export class Distillation implements Disposable {
  readonly #weight: number
  readonly #loss: DistillLoss
  readonly #train: Config['train']
  readonly #teacher: nn.Module | TeacherFile

  /** @param teacher a network that sees what the student sees, or the embeddings of the images as they lie on the disk */
  constructor(
    { loss, weight }: NonNullable<Config['distill']>,
    train: Config['train'],
    teacher: nn.Module | TeacherFile,
  ) {
    this.#weight = weight
    this.#loss = distillLosses[loss]
    this.#train = train
    this.#teacher = teacher
  }

  /**
   * The loss of a student's raw embeddings [N, D], and its weight, which it is without; and the mean cosine to the teacher's,
   * null where these have another length.
   */
  compare(
    embeddings: Tensor,
    shown: Shown,
  ): { loss: Tensor; weight: number; cosine: Tensor | null } {
    return scope(() => {
      const taught = noGrad(() => this.#teach(shown))
      const isComparable = taught.shape[1] === embeddings.shape[1]
      return {
        loss: this.#loss.compare(embeddings, taught),
        weight: this.#weight,
        cosine: isComparable ? noGrad(() => ops.mean(rowCosines(embeddings, taught))) : null,
      }
    })
  }

  /** The teacher's embeddings of these images, [N, T] float32. */
  #teach({ indices, mirrored, input }: Shown): Tensor {
    const teacher = this.#teacher
    if (!('rows' in teacher)) return embedBatch(teacher, input, this.#train)
    const rows = tensor(teacher.rows(indices, mirrored), [indices.length, teacher.dim])
    return ops.to(rows, input.device, 'float32')
  }

  [Symbol.dispose](): void {
    if ('rows' in this.#teacher) this.#teacher.close()
    else this.#teacher.dispose()
  }
}
