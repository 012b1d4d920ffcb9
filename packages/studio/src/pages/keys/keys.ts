import type { Schema } from '../../api/client.js'

export type Key = Schema<'Key'>
export type Scope = Key['scopes'][number]

export const SCOPES: readonly Scope[] = ['read', 'identify', 'enroll', 'delete', 'admin']

/** What a person has filled in. */
export interface Draft {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly isForAll: boolean
  /** With commas between them. */
  readonly galleries: string
  readonly scores: boolean
  /** Days from now; '': never. */
  readonly days: string
  readonly rate: string
}

export type Wrong = Partial<Record<'name' | 'scopes' | 'galleries' | 'rate', true>>

export const namesIn = (text: string): string[] => [
  ...new Set(
    text
      .split(/[,，\n]/)
      .map((name) => name.trim())
      .filter(Boolean),
  ),
]

/** Keys with these see embeddings, of which a similarity is soon made. */
export const showsAll = (scopes: readonly Scope[]) =>
  scopes.includes('read') || scopes.includes('admin')

export function wrongIn({ name, scopes, isForAll, galleries, rate }: Draft): Wrong {
  return {
    ...(!(name.trim() && name.trim().length <= 200) && { name: true }),
    ...(scopes.length === 0 && { scopes: true }),
    ...(!isForAll && namesIn(galleries).length === 0 && { galleries: true }),
    ...(rate.trim() && !/^[1-9]\d{0,8}$/.test(rate.trim()) && { rate: true }),
  }
}

const DAY_MS = 86_400_000

/** Of a draft in which nothing is wrong, what the server is asked for. */
export function wantedOf(draft: Draft, now = Date.now()) {
  const { name, scopes, isForAll, galleries, scores, days, rate } = draft
  return {
    ...{ name: name.trim(), scopes: [...scopes], scores: scores || showsAll(scopes) },
    ...(!isForAll && { galleries: namesIn(galleries) }),
    ...(days && { expires: new Date(now + Number(days) * DAY_MS).toISOString() }),
    ...(rate.trim() && { rate: Number(rate) }),
  }
}

/** Whether it may look after the server as a whole. */
const isKeeper = ({ state, scopes, galleries }: Key) =>
  state === 'good' && scopes.includes('admin') && galleries === null

/** Whether without it nobody may any more. */
export const isLastKeeper = (key: Key, keys: readonly Key[]): boolean =>
  isKeeper(key) && !keys.some((one) => one.id !== key.id && isKeeper(one))
