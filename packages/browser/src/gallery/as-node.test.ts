import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Gallery, openGallery } from '@arcface/gallery'
import { face, noisy } from '@arcface/testing'
import { chromium } from '@arcface/testing/chromium'
import { type GalleryModel, Random } from '@arcface/vision'
import { afterAll, describe, expect, it } from 'vitest'
import { beforeEachTab, DIM, type Tab } from '../testing/tabs.js'

type Call = readonly [method: string, ...args: unknown[]]

const NAMES = [
  ...['Ada', 'Ada', ' Ada ', 'Grace', 'Jose\u0301', 'Jos\u00e9', '\u{1f469}', '\uff21'],
  ...['Ada', 'Grace', 'Jos\u00e9', 'Zo\u200be'],
]

/** Embeddings of which some are the same and some alike: as lists, which go into a page. */
const embeddings = Array.from({ length: 12 }, (_, i) =>
  Array.from(i < 8 ? face(DIM, i) : noisy(face(DIM, i - 8), 0.9, i)),
)

/** Any calls on a gallery, as JSON has them; a number that is called so becomes a date, `embedding` a Float32Array, `thumbnail` bytes. */
function anyCalls(seed: number): Call[] {
  const random = new Random(seed)
  const one = <T>(list: readonly T[]): T => list[random.below(list.length)]!
  const some = <T>(value: T) => (random.below(2) ? [value] : [])
  const hash = () => one('abcde'.split('')).repeat(64)
  let [faces, clock] = [0, 1e12]
  const id = () => `f-${random.below(faces + 1)}`
  const newFace = () => ({
    id: random.below(12) ? `f-${++faces}` : id(),
    person: one(NAMES),
    embedding: random.below(30) ? one(embeddings) : one([[1, 2], Array(DIM).fill(0.5)]),
    added: ++clock,
    ...Object.assign(
      {},
      ...some({
        consent: {
          basis: 'law',
          at: ++clock,
          ...some({ expires: random.below(20) ? clock + 1 : 1 })[0],
        },
      }),
    ),
    ...Object.assign({}, ...some({ retainUntil: ++clock })),
    ...Object.assign({}, ...some({ groups: one([['a'], ['b', 'a', 'b'], []]) })),
    ...Object.assign({}, ...some({ metadata: one([{ n: 1 }, { deep: { list: [null, 'x'] } }]) })),
    ...Object.assign({}, ...some({ source: 'here' }), ...some({ thumbnail: [1, 2, clock % 256] })),
    ...Object.assign(
      {},
      ...some({ photo: hash(), ...one([{}, { origin: 'x' }, { origin: 'x' }]) }),
    ),
  })
  const kinds: (() => Call)[] = [
    ...Array(12).fill(() => ['add', Array.from({ length: 1 + random.below(3) }, newFace)]),
    () => [
      'addPeople',
      [{ name: one(NAMES), groups: ['c'], added: ++clock }, { name: one(NAMES) }],
    ],
    () => [
      'describe',
      one(NAMES),
      one([
        ...[
          { groups: ['z', 'a'] },
          { metadata: { m: [1] } },
          { consent: null },
          { retainUntil: null },
        ],
        { consent: { basis: ' consent ', at: ++clock, evidence: 'form' }, retainUntil: ++clock },
      ]),
    ],
    () => ['rename', one(NAMES), one(['Ada', 'Bea', 'Cy', 'Di', 'Zo\u200be'])],
    () => ['merge', one(NAMES), one(NAMES)],
    ...Array(4).fill(() => ['moveFaces', [id(), ...some(id())], one(NAMES)]),
    () => ['delete', [one(NAMES)]],
    () => ['deleteFaces', [id(), id()]],
    () => [
      'people',
      one([{}, { groups: ['a'] }, { after: 'Grace' }, { limit: 2 }, { after: '\uff21' }]),
    ],
    () => ['faces', one(NAMES), one([{}, { limit: 1 }])],
    () => ['person', one(NAMES)],
    () => ['count', one([{}, { groups: ['a', 'b'] }])],
    () => ['thumbnails', [id(), id(), id()]],
    () => [
      'identifyMany',
      [one(embeddings), one(embeddings)],
      { top: 100, threshold: one([-1, 0.5]), filter: { groups: one([[], ['a']]) } },
    ],
    () => ['compare', one(NAMES), one(embeddings)],
    () => ['alike', [id(), id()], 0.8],
  ]
  const queries: Call[] = [['people', {}], ...NAMES.map((name): Call => ['faces', name, {}])]
  return [...Array.from({ length: 300 }, () => one(kinds)()), ...queries]
}

/** Runs in the page too, so it is made of nothing else. What a gallery decides by chance is left out. */
async function outcomes(gallery: object, calls: readonly Call[]): Promise<[string, unknown][]> {
  const given = (value: unknown, key?: string): unknown => {
    if (
      key === 'embedding' ||
      (Array.isArray(value) && value.length > 20 && typeof value[0] === 'number')
    )
      return Float32Array.from(value as number[])
    if (key === 'thumbnail') return Uint8Array.from(value as number[])
    if (Array.isArray(value)) return value.map((inner) => given(inner))
    if (value === null || typeof value !== 'object') return value
    const entries = Object.entries(value).map(([name, inner]) =>
      ['added', 'at', 'expires', 'retainUntil'].includes(name) && typeof inner === 'number'
        ? [name, new Date(inner)]
        : [name, given(inner, name)],
    )
    return Object.fromEntries(entries)
  }
  const shown = (value: unknown): unknown => {
    if (value instanceof Map) return [...value].map(([key, inner]) => [key, [...inner]]).sort()
    if (Array.isArray(value) && value[0]?.matches) return value.map(shown)
    if (Array.isArray(value)) return value.map(shown)
    if (value === null || typeof value !== 'object' || value instanceof Date) return value
    // Of people who came without a date, and of equally similar faces.
    const {
      added: _,
      face: __,
      otherFace: ___,
      source: ____,
      otherSource: _____,
      ...rest
    } = value as Record<string, unknown>
    if (Array.isArray(rest.matches))
      rest.matches = rest.matches
        .map(shown)
        .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
    return Object.fromEntries(
      Object.entries(rest).map(([key, inner]) => [
        key,
        key === 'similarity' ? Number((inner as number).toFixed(4)) : inner,
      ]),
    )
  }
  const results: [string, unknown][] = []
  for (const [method, ...args] of calls)
    try {
      const call = (gallery as Record<string, (...args: unknown[]) => Promise<unknown>>)[method]!
      const result = await call.apply(
        gallery,
        args.map((one) => given(one)),
      )
      results.push([method, shown(result) ?? null])
    } catch (error) {
      const { code, message } = error as Error & { code?: string }
      results.push([
        method,
        { code: code?.replace(/^(BROWSER_GALLERY|BROWSER|GALLERY)_/, '') ?? message },
      ])
    }
  return results
}

describe.skipIf(!chromium)('the gallery of a page and that of Node', () => {
  const folder = mkdtempSync(join(tmpdir(), 'as-node-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  let tab: Tab
  beforeEachTab((_, first) => {
    tab = first
  })

  it('do the same in any calls: results, refusals, what is there in the end', async () => {
    for (const seed of [1, 2]) {
      const calls = anyCalls(seed)
      const { model } = await tab.run<{ model: GalleryModel }>('return gallery.stats()')
      const node: Gallery = await openGallery(join(folder, `${seed}`), { model })
      const expected = await outcomes(node, calls)
      await node.close()
      const found = await tab.run<unknown[]>(
        `await gallery.destroy(); return (${outcomes})(gallery, given)`,
        calls,
      )
      expect(JSON.parse(JSON.stringify(found))).toEqual(JSON.parse(JSON.stringify(expected)))
      // It was no walk through refusals: every call has done something, and faces were replaced.
      const done = expected.filter((one) => !/"code"/.test(JSON.stringify(one)))
      expect(new Set(done.map(([method]) => method))).toEqual(
        new Set(calls.map(([method]) => method)),
      )
      expect(JSON.stringify(done).match(/"replaced":\["/g)?.length).toBeGreaterThan(0)
    }
  }, 180_000)
})
