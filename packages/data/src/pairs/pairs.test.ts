import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DataError } from '../errors.js'
import { readPairs, writePairs } from './pairs.js'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'arcface-pairs-'))
  for (const image of ['ann_0001.jpg', 'ann_0002.png', 'bob_0001.jpg', 'De Vries_0012.jpg']) {
    const folder = join(dir, image.split('_')[0]!)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, image), '')
  }
})
afterEach(() => rmSync(dir, { recursive: true }))

function read(text: string) {
  writeFileSync(join(dir, 'pairs.txt'), text)
  return readPairs(join(dir, 'pairs.txt'), dir)
}

describe('readPairs', () => {
  it('reads tabs and spaces, both headers, and lists every image once', () => {
    const list = read('2 1\nann 1 2\nann\t1\tDe Vries\t12\r\nann 2 1\nbob 1 ann 2\n\n')
    expect(list.images.map((path) => basename(path))).toEqual([
      'ann_0001.jpg',
      'ann_0002.png',
      'De Vries_0012.jpg',
      'bob_0001.jpg',
    ])
    expect([...list.a]).toEqual([0, 0, 1, 3])
    expect([...list.b]).toEqual([1, 2, 0, 1])
    expect([...list.same]).toEqual([1, 0, 1, 0])
    expect(list.folds).toBe(2)
    expect(read('1\nann 1 2\nann 1 bob 1').folds).toBe(1)
  })

  it('names the line of a missing image and of anything else it cannot read', () => {
    const error = (code: string, message: RegExp) =>
      expect.objectContaining({ code, message: expect.stringMatching(message) })
    const format = (text: string, message: RegExp) =>
      expect(() => read(text)).toThrow(error('DATA_PAIRS_FORMAT', message))
    expect(() => read('1\nann 1 2\nann 1 bob 7\n')).toThrow(
      error('DATA_PAIRS_IMAGE', /line 3: .*bob_0007\.jpg/),
    )
    // All are told at once, in the order of the list.
    expect(() => read('2\nann 1 2\nann 3 9\nann 1 bob 7\nann 3 eve 1\n')).toThrow(
      error(
        'DATA_PAIRS_IMAGE',
        /line 3: \S+ann_0003\.jpg is not there; 4 images of the list are not: also \S+ann_0009\.jpg, \S+bob_0007\.jpg, \S+eve_0001\.jpg\. /,
      ),
    )
    expect(() => read('1\nann 1 2\nann 1 eve 1\n')).toThrow(
      error('DATA_PAIRS_IMAGE', /line 3: .*eve/),
    )
    format('ann 1 2\n', /line 1/)
    format('', /line 1/)
    format('0 300\nann 1 2\n', /line 1/)
    format('1\nann 1\n', /line 2/)
    format('1\nann 1 bob 1 2\n', /line 2/)
    format('1\nann 1 0\n', /line 2/)
    format('1\nann 1 two\n', /line 2/)
    format('10 300\nann 1 2\n', /has 1 pairs.*10 x 600/)
    expect(() => readPairs(join(dir, 'none.txt'), dir)).toThrow(
      error('DATA_PAIRS_FORMAT', /none\.txt/),
    )
  })
})

describe('readPairs of a plain list', () => {
  const plain = (text: string) => {
    const { images, a, b, same, folds } = read(text)
    const name = (i: number) => images[i]!.slice(dir.length + 1)
    return { folds, pairs: [...same].map((s, p) => [name(a[p]!), name(b[p]!), s]) }
  }
  const expected = [
    ['ann/ann_0001.jpg', 'ann/ann_0002.png', 1],
    ['ann/ann_0001.jpg', 'bob/bob_0001.jpg', 0],
  ]

  it('takes spaces, tabs, commas with column names, comments, and absolute paths', () => {
    const spaces = 'ann/ann_0001.jpg ann/ann_0002.png 1\nann/ann_0001.jpg bob/bob_0001.jpg 0\n'
    for (const text of [
      spaces,
      `# our pairs\n${spaces}\n`,
      spaces.replaceAll(' ', '\t').replaceAll('\n', '\r\n'),
      `a,b,same\n${spaces.replaceAll(' ', ', ').replace('1\n', 'True\n')}`,
      spaces.replaceAll('bob/', `${dir}/bob/`),
    ])
      expect(plain(text)).toEqual({ folds: 2, pairs: expected })
    expect(plain('De Vries/De Vries_0012.jpg,"bob/bob_0001.jpg",0').pairs).toEqual([
      ['De Vries/De Vries_0012.jpg', 'bob/bob_0001.jpg', 0],
    ])
    expect(plain(spaces.repeat(15)).folds).toBe(10)
  })

  it('takes no line that tells of a pair for column names, a byte order mark or not', () => {
    const line = 'ann/ann_0001.jpg,ann/ann_0002.png'
    const good = 'ann/ann_0001.jpg,bob/bob_0001.jpg,0\n'
    for (const first of [`${line},yes`, `${line},`, 'gone/gone_0001.jpg,x,y', 'a,b,2'])
      for (const mark of ['', '\uFEFF'])
        expect(() => read(`${mark}${first}\n${good}`)).toThrow(
          expect.objectContaining({
            code: 'DATA_PAIRS_FORMAT',
            message: expect.stringMatching(/line 1: /),
          }),
        )
    for (const before of ['\uFEFF', '\uFEFFfirst,second,same\n', '# ours\n\nfirst,second,same\n'])
      expect(plain(`${before}${line},1\n${good}`).pairs).toEqual(expected)
  })

  it('names the line of what it cannot read', () => {
    const wrong = (text: string, code: string, message: RegExp) =>
      expect(() => read(text)).toThrow(
        expect.objectContaining({ code, message: expect.stringMatching(message) }),
      )
    const good = 'ann/ann_0001.jpg bob/bob_0001.jpg 0\n'
    wrong(`${good}ann/ann_0001.jpg bob/bob_0002.jpg 0`, 'DATA_PAIRS_IMAGE', /line 2: .*bob_0002/)
    wrong(`${good}ann/ann_0001.jpg bob/bob_0001.jpg 2`, 'DATA_PAIRS_FORMAT', /line 2/)
    wrong(`${good}ann/ann_0001.jpg 0`, 'DATA_PAIRS_FORMAT', /line 2/)
    wrong('a,b,same\n', 'DATA_PAIRS_FORMAT', /no pair/)
  })
})

describe('lists of pairs', () => {
  it.each([
    '1\t1\nann\t1\t2\nann\t1\tbob\t1\n',
    'ann/ann_0001.jpg,ann/ann_0002.png,1\nann/ann_0001.jpg,bob/bob_0001.jpg,0\n',
  ])('survive any change: pairs of images that are there, or a coded error', (text) => {
    const list = Buffer.from(text)
    // Mostly what means something in a list, to come beyond the first check.
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('0123456789\t\n ,./-"#')))
    const edits = fc.array(fc.tuple(fc.nat(list.length - 1), byte), { maxLength: 4 })
    fc.assert(
      fc.property(edits, fc.nat(list.length), fc.boolean(), (changes, end, cut) => {
        const bytes = Buffer.from(list)
        for (const [at, value] of changes) bytes[at] = value
        const file = join(dir, 'mutant.txt')
        writeFileSync(file, cut ? bytes.subarray(0, end) : bytes)
        try {
          const { images, a, b, same, folds } = readPairs(file, dir)
          for (const image of images) expect(existsSync(image)).toBe(true)
          for (const row of [...a, ...b]) expect(images[row]).toBeDefined()
          expect(folds).toBeLessThanOrEqual(same.length)
        } catch (error) {
          if (!(error instanceof DataError)) throw error
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('writePairs', () => {
  const ann = (number: number) => ({ name: 'ann', number })
  const bob = { name: 'bob', number: 1 }

  it('writes what readPairs reads, in the known format', () => {
    const file = join(dir, 'out.txt')
    writePairs(file, [
      [
        [ann(1), ann(2)],
        [ann(1), bob],
      ],
    ])
    expect(readFileSync(file, 'utf8')).toBe('1\t1\nann\t1\t2\nann\t1\tbob\t1\n')
    expect([...readPairs(file, dir).same]).toEqual([1, 0])
  })

  it('refuses unbalanced folds and a file that cannot be written', () => {
    const file = join(dir, 'out.txt')
    const refusal = expect.objectContaining({ code: 'DATA_PAIRS_FORMAT' })
    expect(() => writePairs(file, [])).toThrow(refusal)
    expect(() => writePairs(file, [[[ann(1), ann(2)]]])).toThrow(refusal)
    expect(() =>
      writePairs(join(dir, 'none', 'out.txt'), [
        [
          [ann(1), ann(2)],
          [ann(1), bob],
        ],
      ]),
    ).toThrow(expect.objectContaining({ code: 'FILES_WRITE' }))
  })
})

const shared = fileURLToPath(new URL('../../../../../shared/faces', import.meta.url))
describe.skipIf(!existsSync(shared))('the CelebA pairs of ../shared', () => {
  it('are ten folds of 300 matched and 300 mismatched pairs', () => {
    const { a, same, folds } = readPairs(join(shared, 'celeba_pairs.txt'), join(shared, 'celeba'))
    expect(folds).toBe(10)
    expect(a.length).toBe(6000)
    for (let fold = 0; fold < 10; fold++)
      expect(same.subarray(fold * 600, (fold + 1) * 600).reduce((n, s) => n + s, 0)).toBe(300)
  })
})
