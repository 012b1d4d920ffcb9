import { describe, expect, it } from 'vitest'
import {
  findParameters,
  minScore,
  pageOf,
  parametersOf,
  predictionCount,
  subjectParameter,
} from './query.js'

const of = (query: string) => parametersOf(`/api/v1/recognition/faces${query}`)
const entries = (query: string) => Object.fromEntries(of(query))

describe('parameters', () => {
  it.each([
    ['', {}],
    ['?', {}],
    ['?subject=bob', { subject: 'bob' }],
    // As the SDK builds them: a parameter after another has a ? of its own where there is no limit.
    ['?subject=bob?det_prob_threshold=0.8', { subject: 'bob', det_prob_threshold: '0.8' }],
    [
      '?det_prob_threshold=0.8?prediction_count=2?face_plugins=landmarks,pose?status=true',
      {
        det_prob_threshold: '0.8',
        prediction_count: '2',
        face_plugins: 'landmarks,pose',
        status: 'true',
      },
    ],
    // As the Python SDK does.
    ['?&limit=1&status=true', { limit: '1', status: 'true' }],
    // A name of which a ? is part.
    ['?subject=who?&limit=3', { subject: 'who?', limit: '3' }],
    ['?subject=who?is=it', { subject: 'who?is=it' }],
    ['?subject=a%3Fstatus%3D1', { subject: 'a?status=1' }],
    ['?subject=Ada+Lovelace', { subject: 'Ada Lovelace' }],
    ['?subject=%D0%97%D0%BE%D1%8F', { subject: 'Зоя' }],
    ['?subject=%zz', { subject: '%zz' }],
    ['?limit=1&limit=2', { limit: '1' }],
  ])('of %j', (query, expected) => {
    expect(entries(query)).toEqual(expected)
  })

  it('of a prototype are a name as any other', () => {
    const found = of('?__proto__=1&subject=__proto__&constructor=2')
    expect([...found.keys()]).toEqual(['__proto__', 'subject', 'constructor'])
    expect(subjectParameter(found)).toBe('__proto__')
  })
})

describe('what faces are looked for', () => {
  const usual = { limit: 0, minScore: undefined, status: false, detect: true }

  it('is, without any parameter, everything', () => {
    for (const query of ['', '?limit=&status=&det_prob_threshold=&detect_faces='])
      expect(findParameters(of(query))).toMatchObject(usual)
  })

  it('is what the parameters say', () => {
    const query =
      '?limit=2&det_prob_threshold=0.5&face_plugins=landmarks,%20calculator&status=TRUE&detect_faces=no'
    const { plugins, ...found } = findParameters(of(query))
    expect(found).toEqual({ limit: 2, minScore: 0.5, status: true, detect: false })
    expect([...plugins]).toEqual(['landmarks', 'calculator'])
  })

  it.each([
    ['?limit=-1', 26, 'Limit should be equal or greater than 0; '],
    ['?limit=two', 0],
    ['?limit=1.5', 0],
    ['?limit=99999999999', 0],
    ['?status=perhaps', 0],
    ['?status=__proto__', 0],
    ['?det_prob_threshold=high', 0],
    ['?det_prob_threshold=NaN', 0],
    ['?det_prob_threshold=1.1', 28, 'No face is found in the given image'],
    ['?det_prob_threshold=-0.1', 28, 'No face is found in the given image'],
    ['?det_prob_threshold=Infinity', 28, 'No face is found in the given image'],
  ])(
    'refuses %s with code %d',
    (query, code, message = 'Something went wrong, please try again') => {
      expect(() => findParameters(of(query))).toThrow(
        expect.objectContaining({ code, status: 400, message }),
      )
    },
  )

  it.each([0, 1, 0.8])('takes the score %d', (score) => {
    expect(minScore(of(`?det_prob_threshold=${score}`))).toBe(score)
  })

  it('counts predictions from 1 on', () => {
    expect([predictionCount(of('')), predictionCount(of('?prediction_count=7'))]).toEqual([1, 7])
    for (const count of [0, -1])
      expect(() => predictionCount(of(`?prediction_count=${count}`))).toThrow(
        expect.objectContaining({
          code: 26,
          message: 'prediction_count should be equal or greater than 1; ',
        }),
      )
  })
})

describe('pages and names', () => {
  it.each([
    ['', 0, 20],
    ['?page=3&size=7', 3, 7],
    ['?page=-1&size=0', 0, 20],
    ['?page=x&size=y', 0, 20],
    ['?size=100000', 0, 2000],
  ])('of %j', (query, page, size) => {
    expect(pageOf(of(query))).toEqual({ page, size })
  })

  it('of nobody are refused', () => {
    expect(() => subjectParameter(of(''))).toThrow(
      expect.objectContaining({ code: 33, message: 'Required parameter subject is missing' }),
    )
    for (const blank of ['?subject=', '?subject=%20'])
      expect(() => subjectParameter(of(blank))).toThrow(
        expect.objectContaining({ code: 26, message: 'Subject name is empty; ' }),
      )
  })
})
