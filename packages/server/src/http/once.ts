import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { ServerError } from '../errors.js'

/** A request that a client may send again, not knowing whether it was heard: draft-ietf-httpapi-idempotency-key-header. */
const HEADER = 'idempotency-key'
const LONGEST = 255
/** Answers that are remembered, and for how long, in milliseconds. */
const MOST = 10_000
const AGE = 24 * 3_600_000

interface Remembered<T> {
  readonly print: string
  readonly since: number
  readonly answer: Promise<T>
}

/**
 * Answers by the keys that clients have chosen: the same request again, even while the first is in work, gets the same
 * answer and does nothing. They are this process's; after a restart the gallery itself tells what is there already.
 */
export class Once {
  // In the order in which they came.
  readonly #answers = new Map<string, Remembered<unknown>>()

  /**
   * @param who whose key it is @param content of the request besides its address
   * @throws ServerError SERVER_REQUEST (no such key), SERVER_REPEAT (it was another request's); what `work` throws, which
   *   is not remembered
   */
  async run<T>(
    request: FastifyRequest,
    who: string,
    content: readonly (string | Uint8Array)[],
    work: () => Promise<T>,
  ): Promise<T> {
    const given = request.headers[HEADER]
    if (given === undefined) return work()
    if (typeof given !== 'string' || given === '' || given.length > LONGEST)
      throw new ServerError('SERVER_REQUEST', `${HEADER}: 1 to ${LONGEST} characters`)
    const key = JSON.stringify([who, given])
    const print = printOf([request.method, request.url, ...content])
    this.#forget()
    const before = this.#answers.get(key) as Remembered<T> | undefined
    if (before) {
      // What failed, perhaps because its client has gone, is tried again.
      if (before.print === print)
        return before.answer.catch(() => this.run(request, who, content, work))
      throw new ServerError('SERVER_REPEAT', 'this idempotency-key was of another request', {
        hint: 'Take a new one for each request; repeat it only with the same content.',
      })
    }
    const answer = work()
    this.#answers.set(key, { print, since: Date.now(), answer })
    answer.catch(() => this.#answers.delete(key))
    return answer
  }

  #forget(): void {
    const oldest = Date.now() - AGE
    for (const [key, { since }] of this.#answers) {
      if (since >= oldest && this.#answers.size < MOST) return
      this.#answers.delete(key)
    }
  }
}

function printOf(content: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const one of content) hash.update(createHash('sha256').update(one).digest())
  return hash.digest('hex')
}
