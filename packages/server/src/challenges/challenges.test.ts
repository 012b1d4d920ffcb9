import { describe, expect, it } from 'vitest'
import { Challenges, type HeldChallenge } from './challenges.js'

/** Nobody looks at frames here. */
const recognizer = { challenge: async () => ({}) as never }

describe('challenges under way', () => {
  const open = () => {
    let now = 1000
    const challenges = new Challenges(recognizer, () => now)
    const pass = (milliseconds: number) => {
      now += milliseconds
    }
    return { challenges, pass }
  }
  const code = (work: () => unknown) => {
    try {
      return work() && 'found'
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  it('are found by whose they are and in their gallery, until they are over', async () => {
    const { challenges, pass } = open()
    const one = await challenges.begin('a', 'people')
    expect(one.id).toMatch(/^[\w-]{32}$/)
    expect(challenges.find(one.id, 'a', 'people')).toBe(one)
    expect(code(() => challenges.find(one.id, 'b', 'people'))).toBe('SERVER_CHALLENGE')
    expect(code(() => challenges.find(one.id, 'a', 'others'))).toBe('SERVER_CHALLENGE')
    pass(120_000)
    expect(code(() => challenges.find(one.id, 'a', 'people'))).toBe('found')
    pass(1)
    expect(code(() => challenges.find(one.id, 'a', 'people'))).toBe('SERVER_CHALLENGE')
    const other = await challenges.begin('a', 'people')
    challenges.end(other)
    expect(code(() => challenges.find(other.id, 'a', 'people'))).toBe('SERVER_CHALLENGE')
  })

  it('are so many of a key, and of all: the oldest go', async () => {
    const { challenges } = open()
    const mine: HeldChallenge[] = []
    for (let i = 0; i < 25; i++) mine.push(await challenges.begin('me', 'people'))
    const found = (all: readonly HeldChallenge[]) =>
      all.filter(({ id, who }) => code(() => challenges.find(id, who, 'people')) === 'found')
    expect(found(mine)).toEqual(mine.slice(5))
    const theirs: HeldChallenge[] = []
    for (let i = 0; i < 500; i++) theirs.push(await challenges.begin(`key ${i}`, 'people'))
    expect(found(mine)).toEqual([])
    expect(found(theirs).length).toBe(500)
    expect(new Set(theirs.map(({ id }) => id)).size).toBe(500)
  })
})
