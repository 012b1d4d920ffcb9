import { totalmem } from 'node:os'
import { hasExactInt8 } from '@arcface/recognize'

/** Of the memory that this process may take: for faces, and of that for their embeddings in float where they need not be. */
const FACES = 0.5
const ROWS = 0.125
/** What a face takes beside its embedding, in bytes. */
const BESIDE = 64

/** In bytes: of the machine, or of the container. */
function memory(): number {
  // Of a container 0 where it has no limit, or more than there is.
  return Math.min(totalmem(), process.constrainedMemory() || totalmem())
}

/** How many faces of a gallery are searched in memory, and how they are held there. */
export class Room {
  /**
   * @param dim numbers of an embedding
   * @param most faces, where that is said; else what memory has room for
   * @param rows where embeddings are kept in float of which there is a form in bytes; else in memory if it has room
   */
  constructor(
    private readonly dim: number,
    private readonly most: number | undefined,
    private readonly rows: 'memory' | 'disk' | undefined,
  ) {}

  /** Whether so many faces are all compared, in memory. */
  async fits(faces: number): Promise<boolean> {
    if (this.most !== undefined) return faces <= this.most
    if (faces <= this.held(4 * this.dim)) return true
    return faces <= this.held(this.dim) && (await hasExactInt8())
  }

  /** Whether memory has room for the embeddings of so many faces twice, in float and in bytes. */
  keepsRows(faces: number): boolean {
    if (this.rows !== undefined) return this.rows === 'memory'
    return faces * 4 * this.dim <= ROWS * memory()
  }

  /** How many faces memory has room for. @param bytes of an embedding */
  held(bytes: number): number {
    return Math.floor((FACES * memory()) / (bytes + BESIDE))
  }
}
