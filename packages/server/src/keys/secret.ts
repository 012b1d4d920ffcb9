import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** Parameters of scrypt (RFC 7914): 32 MB and about 70 ms of a core. */
export interface Cost {
  readonly N: number
  readonly r: number
  readonly p: number
}

export const COST: Cost = { N: 2 ** 15, r: 8, p: 1 }
/** What a file may ask for: less is not safe, more takes a server down. */
export const LEAST: Cost = { N: 2 ** 14, r: 8, p: 1 }
export const MOST: Cost = { N: 2 ** 20, r: 16, p: 4 }

/** What is kept of a secret. */
export interface Hashed {
  readonly hash: Uint8Array
  readonly salt: Uint8Array
  readonly scrypt: Cost
}

const HASH_BYTES = 32

export async function hashSecret(secret: string): Promise<Hashed> {
  const salt = randomBytes(16)
  return { hash: await derive(secret, salt, COST), salt, scrypt: COST }
}

/** Takes as long whether it is right or wrong. */
export async function isSecret(secret: string, { hash, salt, scrypt }: Hashed): Promise<boolean> {
  const derived = await derive(secret, salt, scrypt)
  return hash.length === HASH_BYTES && timingSafeEqual(derived, hash)
}

/** Nobody's. */
export const nobody = (scrypt = COST): Hashed => ({
  hash: randomBytes(HASH_BYTES),
  salt: randomBytes(16),
  scrypt,
})

const derive = (secret: string, salt: Uint8Array, cost: Cost) =>
  new Promise<Buffer>((resolve, reject) => {
    // Twice what it takes: the limit is for parameters out of hand, and those are bounded.
    const maxmem = 256 * cost.N * cost.r
    scrypt(secret, salt, HASH_BYTES, { ...cost, maxmem }, (error, derived) =>
      error ? reject(error) : resolve(derived),
    )
  })
