import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SCOPES } from '../http/route.js'
import { type CheckedKey, newKey, normalKey, stateOf } from './key.js'
import { allow } from './principal.js'
import { leaveOutScores } from './scores.js'

const galleryName = fc.constantFrom('staff', 'guests', '__proto__', 'constructor', 'staff ', '')
const scope = fc.constantFrom(...SCOPES)
const when = fc.option(fc.date({ noInvalidDate: true }))
const key: fc.Arbitrary<CheckedKey> = fc.record({
  id: fc.constant('0123abcd'),
  name: fc.string(),
  scopes: fc.uniqueArray(scope, { minLength: 1 }),
  galleries: fc.option(fc.uniqueArray(galleryName, { minLength: 1 })),
  scores: fc.boolean(),
  created: fc.constant(new Date(0)),
  expires: when,
  revoked: when,
})

describe('every key', () => {
  it('allows a scope in a gallery if both are among its own, and nothing else', () => {
    fc.assert(
      fc.property(key, scope, fc.option(galleryName, { nil: undefined }), (one, asked, gallery) => {
        const own = one.scopes.includes(asked)
        const here =
          gallery === undefined || one.galleries === null || one.galleries.includes(gallery)
        const ask = () => allow({ key: one }, asked, gallery)
        if (own && here) expect(ask).not.toThrow()
        else expect(ask).toThrow(expect.objectContaining({ code: 'SERVER_SCOPE' }))
      }),
    )
  })

  it('is good until it expires, if nobody has revoked it', () => {
    fc.assert(
      fc.property(key, fc.date({ noInvalidDate: true }), (one, now) => {
        const isOver = one.expires !== null && one.expires <= now
        const state = one.revoked ? 'revoked' : isOver ? 'expired' : 'good'
        expect(stateOf(one, now.getTime())).toBe(state)
      }),
    )
  })

  it('is a UUID of version 4, in whatever case; nothing else is a key', () => {
    fc.assert(
      fc.property(fc.uuid({ version: 4 }), (uuid) => {
        expect(normalKey(uuid.toUpperCase())).toBe(uuid)
        expect(normalKey(`${uuid}0`)).toBeUndefined()
        expect(normalKey(uuid.slice(1))).toBeUndefined()
      }),
    )
    fc.assert(fc.property(fc.string(), (text) => normalKey(text) === undefined))
    fc.assert(
      fc.property(fc.uuid({ version: [1, 3, 5, 7] }), (uuid) => normalKey(uuid) === undefined),
    )
    const made = Array.from({ length: 1000 }, newKey)
    expect(made.map(normalKey)).toEqual(made)
    expect(new Set(made).size).toBe(1000)
  })
})

describe('every answer', () => {
  const NAMES = ['similarity', 'probability', 'likelihoodRatio', 'prior', 'atBound', 'embedding']
  const answer = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.jsonValue({ maxDepth: 0 }),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(
        fc.oneof(fc.constantFrom(...NAMES, 'known', '__proto__'), fc.string()),
        tie('value'),
        { maxKeys: 4, noNullPrototype: true },
      ),
    ),
  })).value
  const told = (scores: boolean, payload: unknown) =>
    leaveOutScores()({ principal: { key: { scores } } } as never, {} as never, payload)

  it('loses the scores of objects of any class', async () => {
    class Match {
      similarity = 0.5
      person = 'Ada'
      at = new Date(0)
    }
    const hidden = await told(false, { match: new Match(), url: new URL('http://localhost/') })
    expect(hidden).toEqual({
      match: { person: 'Ada', at: '1970-01-01T00:00:00.000Z' },
      url: 'http://localhost/',
    })
  })

  it('loses its scores, and nothing else, for a key that has none', async () => {
    await fc.assert(
      fc.asyncProperty(answer, async (payload) => {
        // JSON's own walk, which is not the one that is tested.
        const without = JSON.stringify(payload, (name, value) =>
          NAMES.includes(name) ? undefined : value,
        )
        expect(JSON.stringify(await told(false, payload))).toBe(without)
        expect(await told(true, payload)).toBe(payload)
      }),
    )
  })
})
