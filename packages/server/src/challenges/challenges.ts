import { randomBytes } from 'node:crypto'
import type { Recognizer } from '@arcface/recognize'
import { type FaceChallengeOptions, type PhotoChallenge, Random } from '@arcface/vision'
import { ServerError } from '../errors.js'
import { makeRoom } from '../keys/room.js'

/** From its begin, in milliseconds: longer than a challenge lasts. */
const LONGEST = 120_000
/** Each keeps a face that is followed, and the first aligned, some 60 kB. */
const MOST = { ofOne: 20, ofAll: 500 }

export interface HeldChallenge {
  /** Unforeseeable. */
  readonly id: string
  readonly who: string
  readonly gallery: string
  readonly of: PhotoChallenge<Uint8Array>
  readonly began: number
}

/** Challenges that are under way, in this process's memory. */
export class Challenges {
  // In the order in which they began.
  readonly #held = new Map<string, HeldChallenge>()

  constructor(
    private readonly recognizer: Pick<Recognizer, 'challenge'>,
    /** Milliseconds; never back. */
    readonly now: () => number = () => performance.now(),
  ) {}

  /** @param who whose key it is @throws as `Recognizer.challenge` */
  async begin(
    who: string,
    gallery: string,
    options: FaceChallengeOptions = {},
  ): Promise<HeldChallenge> {
    const seed = crypto.getRandomValues(new Uint32Array(4))
    const of = await this.recognizer.challenge(new Random(...seed), options)
    const id = randomBytes(24).toString('base64url')
    const held = { id, who, gallery, of, began: this.now() }
    this.#forget(who)
    this.#held.set(id, held)
    return held
  }

  /** @throws ServerError SERVER_CHALLENGE: unknown, of another key or gallery, or over */
  find(id: string, who: string, gallery: string): HeldChallenge {
    const held = this.#held.get(id)
    const isTheirs = held?.who === who && held.gallery === gallery
    if (isTheirs && this.now() - held.began <= LONGEST) return held
    throw new ServerError('SERVER_CHALLENGE', 'no such challenge is under way', {
      hint: 'Begin a new one: each has one verdict, and two minutes.',
    })
  }

  end({ id }: HeldChallenge): void {
    this.#held.delete(id)
  }

  #forget(who: string): void {
    const now = this.now()
    for (const [id, { began }] of this.#held) if (now - began > LONGEST) this.#held.delete(id)
    makeRoom(this.#held, (held) => held.who === who, MOST)
  }
}
