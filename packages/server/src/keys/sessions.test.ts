import { describe, expect, it } from 'vitest'
import type { CheckedKey } from './key.js'
import { isToken, Sessions } from './sessions.js'

const HOUR = 3_600_000
const created = new Date('2026-01-01T00:00:00Z')

function key(id: string, made = created): CheckedKey {
  return {
    ...{ id, name: id, scopes: ['read'], galleries: null, scores: true },
    ...{ created: made, expires: null, revoked: null },
  }
}

function opened() {
  const taken = new Map([['a', key('a')]])
  let time = 0
  const sessions = new Sessions({ now: (id) => taken.get(id) }, () => time)
  return { taken, sessions, pass: (ms: number) => (time += ms) }
}

describe('sessions', () => {
  it('are found by what the cookie holds, and by nothing else', () => {
    const { sessions } = opened()
    const { id, csrf } = sessions.begin(key('a'))
    expect(sessions.find(id)).toEqual({ key: key('a'), csrf })
    expect(sessions.find(id.slice(0, -1))).toBeUndefined()
    expect(sessions.find('')).toBeUndefined()
    sessions.end(id)
    expect(sessions.find(id)).toBeUndefined()
  })

  it('end when nobody asks for two hours, and after twelve', () => {
    const { sessions, pass } = opened()
    const [idle, busy] = [sessions.begin(key('a')).id, sessions.begin(key('a')).id]
    for (let hour = 1; hour <= 12; hour++) {
      pass(HOUR)
      expect(sessions.find(busy), `${hour}`).toBeDefined()
    }
    expect(sessions.find(idle)).toBeUndefined()
    pass(1)
    expect(sessions.find(busy)).toBeUndefined()
  })

  it('end with their key, and with one that another takes the place of', () => {
    const { sessions, taken } = opened()
    const { id } = sessions.begin(key('a'))
    taken.set('a', { ...key('a'), scopes: ['identify'] })
    expect(sessions.find(id)!.key.scopes).toEqual(['identify'])
    taken.delete('a')
    expect(sessions.find(id)).toBeUndefined()
    taken.set('a', key('a'))
    expect(sessions.find(id)).toBeUndefined()
    const other = sessions.begin(key('a')).id
    taken.set('a', key('a', new Date()))
    expect(sessions.find(other)).toBeUndefined()
  })

  it('are at most fifty of a key', () => {
    const { sessions } = opened()
    const ids = Array.from({ length: 60 }, () => sessions.begin(key('a')).id)
    expect(ids.map((id) => sessions.find(id) !== undefined)).toEqual(ids.map((_, i) => i >= 10))
  })

  it('take their own token alone', () => {
    const { sessions } = opened()
    const { csrf } = sessions.begin(key('a'))
    expect(isToken(csrf, csrf)).toBe(true)
    for (const wrong of [undefined, '', csrf.slice(1), sessions.begin(key('a')).csrf])
      expect(isToken(wrong, csrf)).toBe(false)
  })
})
