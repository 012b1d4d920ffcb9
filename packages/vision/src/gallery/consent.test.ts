import { describe, expect, it } from 'vitest'
import { endOf, type Keeping } from './consent.js'
import { galleryRules } from './rules.js'

/** As a room makes its own errors. */
const { checkKeeping } = galleryRules((trouble, message) =>
  Object.assign(new Error(message), { code: trouble }),
)

const day = (n: number) => new Date(Date.UTC(2027, 0, n))

describe('a consent', () => {
  it('is kept with its texts as names are, and what is not given is left out', () => {
    const consent = { basis: ' Jose\u0301 ', at: day(1), evidence: 'form 12', expires: day(2) }
    expect(checkKeeping({ consent, retainUntil: day(3) })).toEqual({
      consent: { ...consent, basis: 'Jos\u00e9' },
      retainUntil: day(3),
    })
    expect(checkKeeping({ consent: { basis: 'law', at: day(1) } })).toEqual({
      consent: { basis: 'law', at: day(1) },
    })
    expect(checkKeeping({})).toEqual({})
    expect(checkKeeping({ consent: null, retainUntil: null })).toEqual({
      consent: null,
      retainUntil: null,
    })
  })

  it.each<[string, unknown, string, RegExp]>([
    ['without a basis', { consent: { basis: ' ', at: day(1) } }, 'CONSENT', /basis/],
    ['of a basis that hides', { consent: { basis: 'a\u202eb', at: day(1) } }, 'CONSENT', /202e/],
    ['of a long evidence', consentWith({ evidence: 'x'.repeat(501) }), 'CONSENT', /evidence/],
    ['that ends when it begins', consentWith({ expires: day(1) }), 'CONSENT', /cannot end/],
    ['that is a text', { consent: 'yes' }, 'USE', /object/],
    ['without a date', { consent: { basis: 'law' } }, 'USE', /consent\.at/],
    ['of a date that is none', consentWith({ at: new Date('x') }), 'USE', /consent\.at/],
    ['of a key that is mistyped', consentWith({ expire: day(2) }), 'USE', /did you mean expires/],
    ['and a retention that is a text', { retainUntil: '2027-01-01' }, 'USE', /retainUntil/],
  ])('%s is refused', (_, keeping, code, message) => {
    const checking = () => checkKeeping(keeping as Keeping)
    expect(checking).toThrow(message)
    expect(checking).toThrow(expect.objectContaining({ code }))
  })
})

function consentWith(more: object): object {
  return { consent: { basis: 'law', at: day(1), ...more } }
}

it('ends at the earlier of its two ends, or never', () => {
  const consent = { basis: 'law', at: day(1), expires: day(5) }
  expect(endOf({})).toBeUndefined()
  expect(endOf({ consent: { basis: 'law', at: day(1) }, retainUntil: null })).toBeUndefined()
  expect(endOf({ consent })).toEqual({ at: day(5), by: 'consent' })
  expect(endOf({ consent, retainUntil: day(4) })).toEqual({ at: day(4), by: 'retention' })
  expect(endOf({ consent, retainUntil: day(6) })).toEqual({ at: day(5), by: 'consent' })
})
