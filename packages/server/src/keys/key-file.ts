import { lstatSync } from 'node:fs'
import { dirname } from 'node:path'
import { explainIssues, Lock, makeFolder, messageOf, readText, writeWhole } from '@arcface/files'
import { didYouMean } from '@arcface/vision'
import { z } from 'zod'
import { ServerError } from '../errors.js'
import type { Scope } from '../http/route.js'
import { idOf, type Key, keySchema, newKey, showsAll } from './key.js'
import { hashSecret } from './secret.js'

const fileSchema = z
  .strictObject({ version: z.literal(1), keys: z.array(keySchema) })
  .refine(({ keys }) => new Set(keys.map(({ id }) => id)).size === keys.length, 'an id twice')

/** Another `arcface keys` is done long before. */
const WAIT_MS = 30_000

/** What a new key is to be allowed. */
export interface WantedKey {
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Default: all. */
  readonly galleries?: readonly string[] | undefined
  /** Default: only for who may read embeddings. */
  readonly scores?: boolean | undefined
  /** Default: never. */
  readonly expires?: Date | undefined
  /** Requests a minute. Default: the server's. */
  readonly rate?: number | undefined
}

/**
 * The keys of a server, in a file that only its owner reads; of no key the secret. Several processes may change it at once.
 * Methods throw ServerError SERVER_KEYS where it cannot be read, and FilesError where it cannot be written.
 */
export class KeyFile {
  constructor(readonly path: string) {}

  /** `undefined` where there is no file: nobody has made a key yet. */
  read(): Key[] | undefined {
    let text: string
    try {
      text = readText(this.path)
    } catch (cause) {
      if (isMissing(this.path)) return undefined
      throw new ServerError('SERVER_KEYS', messageOf(cause), { cause })
    }
    return this.#parse(text)
  }

  /**
   * @returns the key itself, which is kept nowhere, and what is kept of it
   * @throws ServerError SERVER_REQUEST
   */
  create(wanted: WantedKey): Promise<{ text: string; key: Key }> {
    const { name, scopes, galleries, scores = false, expires = null, rate } = wanted
    return this.#change(async (keys) => {
      let text = newKey()
      while (keys.some(({ id }) => id === idOf(text))) text = newKey()
      const key: Key = {
        id: idOf(text),
        name,
        ...(await hashSecret(text)),
        scopes: [...new Set(scopes)],
        galleries: galleries ? [...new Set(galleries)] : null,
        scores: scores || showsAll(scopes),
        created: new Date(),
        expires,
        revoked: null,
        ...(rate !== undefined && { rate }),
      }
      const { error } = keySchema.safeEncode(key)
      if (error)
        throw new ServerError('SERVER_REQUEST', explainIssues(error.issues, keySchema, didYouMean))
      return { keys: [...keys, key], result: { text, key } }
    })
  }

  /** From now on it is refused. One that was revoked before stays so. @throws ServerError SERVER_REQUEST */
  revoke(id: string): Promise<Key> {
    return this.#change((keys) => {
      const old = find(keys, id)
      const key = { ...old, revoked: old.revoked ?? new Date() }
      return { keys: keys.map((one) => (one === old ? key : one)), result: key }
    })
  }

  /** As if it had never been. @throws ServerError SERVER_REQUEST */
  remove(id: string): Promise<Key> {
    return this.#change((keys) => {
      const old = find(keys, id)
      return { keys: keys.filter((one) => one !== old), result: old }
    })
  }

  async #change<T>(change: (keys: readonly Key[]) => Changed<T> | Promise<Changed<T>>): Promise<T> {
    makeFolder(dirname(this.path), 0o700)
    using _ = await Lock.take(`${this.path}.lock`, {
      what: `the file of keys ${this.path}`,
      waitMs: WAIT_MS,
    })
    const { keys, result } = await change(this.read() ?? [])
    const file = z.encode(fileSchema, { version: 1, keys: [...keys] })
    writeWhole(this.path, `${JSON.stringify(file, null, 2)}\n`, { isPrivate: true })
    return result
  }

  #parse(text: string): Key[] {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      // Without what JSON.parse says, which quotes the file.
      throw this.#damaged('no JSON')
    }
    const result = fileSchema.safeParse(value)
    if (result.success) return result.data.keys
    throw this.#damaged(explainIssues(result.error.issues, fileSchema, didYouMean))
  }

  #damaged(why: string): ServerError {
    return new ServerError('SERVER_KEYS', `${this.path}: ${why}`, {
      hint: 'Restore it from a backup, or remove it and make new keys.',
    })
  }
}

interface Changed<T> {
  readonly keys: readonly Key[]
  readonly result: T
}

function find(keys: readonly Key[], id: string): Key {
  const found = keys.find((key) => key.id === id)
  if (found) return found
  throw new ServerError('SERVER_REQUEST', 'there is no key of this id', {
    hint: 'An id is the first eight digits of a key; `arcface keys list` has them.',
  })
}

/** A link that leads nowhere is not missing, nor what this process may not look at. */
function isMissing(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined
  } catch {
    return false
  }
}
