import { randomUUID } from 'node:crypto'
import { GALLERY_NAME } from '@arcface/gallery'
import { z } from 'zod'
import { SCOPES, type Scope } from '../http/route.js'
import { LEAST, MOST } from './secret.js'

const date = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (value) => value.toISOString(),
})
const bytes = z.codec(
  z.base64(),
  z.custom<Uint8Array>((value) => value instanceof Uint8Array),
  {
    decode: (text) => Buffer.from(text, 'base64'),
    encode: (value) => Buffer.from(value).toString('base64'),
  },
)
const within = (least: number, most: number) => z.int().min(least).max(most)

/** A key without its secret, as the file has it. */
export const keySchema = z
  .strictObject({
    /** The first eight digits of the key: no secret. */
    id: z.string().regex(/^[0-9a-f]{8}$/),
    /** What people call it. */
    name: z.string().min(1).max(200),
    hash: bytes,
    salt: bytes,
    scrypt: z.strictObject({
      N: within(LEAST.N, MOST.N).refine((n) => Number.isInteger(Math.log2(n)), 'a power of two'),
      r: within(LEAST.r, MOST.r),
      p: within(LEAST.p, MOST.p),
    }),
    scopes: z.array(z.enum(SCOPES)).min(1),
    /** null: all. */
    galleries: z.array(z.string().regex(GALLERY_NAME)).min(1).nullable(),
    /** Whether answers have similarities and probabilities beside the decision. */
    scores: z.boolean(),
    created: date,
    expires: date.nullable(),
    revoked: date.nullable(),
    /** Requests a minute. */
    rate: z.int().positive().optional(),
  })
  .refine((key) => key.scores || !showsAll(key.scopes), 'who may read embeddings has scores too')

export type Key = z.output<typeof keySchema>

/** What a request may know of the key that came with it. */
export type CheckedKey = Readonly<Omit<Key, 'hash' | 'salt' | 'scrypt'>>

/** Keys with these see embeddings, of which a similarity is soon made. */
export const showsAll = (scopes: readonly Scope[]): boolean =>
  scopes.includes('read') || scopes.includes('admin')

const KEY = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** A new key: a UUID of version 4, of which 32 bits are the id, and 90 the secret. */
export const newKey = (): string => randomUUID()

/** As a key is written, in lower case; `undefined` for what is no key. */
export function normalKey(text: string): string | undefined {
  const key = text.trim().toLowerCase()
  return KEY.test(key) ? key : undefined
}

export const idOf = (key: string): string => key.slice(0, 8)

/** Whether the key of an id is still the one that it was: one that was made anew is another. */
export const isSame = (key: CheckedKey, now: CheckedKey | undefined): boolean =>
  key.created.getTime() === now?.created.getTime()

export function stateOf(
  { expires, revoked }: CheckedKey,
  now = Date.now(),
): 'good' | 'expired' | 'revoked' {
  if (revoked !== null) return 'revoked'
  return expires !== null && expires.getTime() <= now ? 'expired' : 'good'
}
