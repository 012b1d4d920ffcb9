import { createPublicKey, randomUUID, verify } from 'node:crypto'
import { canonicalJson, issueOf } from '@arcface/vision'
import { z } from 'zod'
import { GalleryError } from '../errors.js'
import type { Erasure } from '../upkeep/erasure.js'
import type { ReceiptKey } from './key.js'

const count = z.int().min(0)
const time = z.iso.datetime()

/** Nobody's name, face or photograph is in it: a person is a mark that only the key's owner can tell. */
export const receiptSchema = z
  .strictObject({
    kind: z.literal('arcface erasure'),
    format: z.literal(1),
    id: z.uuid(),
    gallery: z.string().describe('What its owner calls it'),
    why: z.enum(['asked', 'swept']).describe('A person or program asked, or the time was over'),
    began: time,
    ended: time,
    people: z.array(
      z.strictObject({
        mark: z
          .string()
          .regex(/^[0-9a-f]{64}$/)
          .describe('HMAC-SHA-256 of id and name under a secret of who signed'),
        faces: count,
        pictures: count,
      }),
    ),
    method: z.enum(['files rewritten', 'key destroyed', 'store asked']),
    searched: z
      .strictObject({
        people: count,
        faces: count,
        files: count.nullable(),
        bytes: count.nullable(),
      })
      .describe('Rows before; files, and their bytes, after: null on object storage'),
    found: z
      .strictObject({ people: count, faces: count, secrets: count.nullable() })
      .describe('After: rows of these people; their embeddings and pictures in files'),
    beyond: z.array(z.string()).describe('What was not searched'),
    key: z.base64().describe('Public key of Ed25519: DER of its SubjectPublicKeyInfo'),
    signature: z.base64().describe('Of the JSON of all other fields, keys sorted, without spaces'),
  })
  .meta({ id: 'ErasureReceipt' })

export type ErasureReceipt = z.output<typeof receiptSchema>

/** What an erasure does not reach. */
const BEYOND = [
  'copies and exports that were made before',
  'lines of the audit log, which name people until they are as old as it is kept',
]

export interface ReceiptOptions {
  /** What the gallery is called in it. */
  readonly gallery: string
  readonly why: ErasureReceipt['why']
}

/** Signs what an erasure did. */
export function receiptOf(
  { began, ended, people, method, searched, found }: Erasure,
  key: ReceiptKey,
  { gallery, why }: ReceiptOptions,
): ErasureReceipt {
  const id = randomUUID()
  const content: Omit<ErasureReceipt, 'signature'> = {
    ...{ kind: 'arcface erasure', format: 1, id, gallery, why },
    ...{ began: began.toISOString(), ended: ended.toISOString() },
    people: people
      .map(({ name, faces, pictures }) => ({ mark: key.markOf(id, name), faces, pictures }))
      // Their order would tell that of the names, or of their ends.
      .sort((a, b) => (a.mark < b.mark ? -1 : 1)),
    ...{ method, searched: { ...searched }, found: { ...found } },
    beyond: [...BEYOND],
    key: key.publicKey,
  }
  return { ...content, signature: key.sign(signedBytes(content)).toString('base64') }
}

/**
 * A receipt that is as it was signed, by whomever: whose key it is, `fingerprintOf` tells to compare.
 * @throws GalleryError GALLERY_RECEIPT: it is none, or was changed
 */
export function checkReceipt(value: unknown): ErasureReceipt {
  const parsed = receiptSchema.safeParse(value)
  if (!parsed.success)
    throw new GalleryError(
      'GALLERY_RECEIPT',
      `it is no receipt of an erasure: ${issueOf(parsed.error)}`,
    )
  const { signature, ...content } = parsed.data
  if (isSigned(signedBytes(content), content.key, signature)) return parsed.data
  throw new GalleryError('GALLERY_RECEIPT', 'the receipt is not as it was signed')
}

/** Whether a receipt says that somebody was erased. @param key that signed it */
export const isAbout = ({ id, people }: ErasureReceipt, key: ReceiptKey, name: string): boolean =>
  people.some(({ mark }) => mark === key.markOf(id, name))

function isSigned(bytes: Buffer, key: string, signature: string): boolean {
  try {
    const der = { key: Buffer.from(key, 'base64'), type: 'spki', format: 'der' } as const
    return verify(null, bytes, createPublicKey(der), Buffer.from(signature, 'base64'))
  } catch {
    return false // such a key there is not
  }
}

/** Keys in order, so that who stores a receipt as something else than text may. */
const signedBytes = (content: object) => Buffer.from(canonicalJson(content))
