import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { planAll, planListed, planLists } from './plan.js'
import { readGroupTable } from './table.js'

const room = mkdtempSync(join(tmpdir(), 'plan-'))
afterAll(() => rmSync(room, { recursive: true }))

/** Four people of two images. */
const images = ['ann', 'bob', 'cyd', 'dee'].flatMap((name) => [
  `f/${name}/1.jpg`,
  `f/${name}/2.jpg`,
])

async function table(text: string, name = 'groups.csv') {
  const path = join(room, name)
  writeFileSync(path, text)
  return await readGroupTable(path)
}
const plan = async (text: string, options = {}) => planAll(images, await table(text), options)
const refusal = (message: RegExp) => ({
  code: 'EVALUATE_GROUPS',
  message: expect.stringMatching(message),
})

const sexes = 'person,sex,site\nann,F,x\nbob,M,x\ncyd,F,y\ndee,M,y\n'

describe('a plan of groups', () => {
  it('gives every image the groups of its person, by every column', async () => {
    const { files, person, columns, warnings } = await plan(sexes)
    expect(files).toEqual(images)
    expect([...person]).toEqual([0, 0, 1, 1, 2, 2, 3, 3])
    expect(columns.map(({ columns: [name], values }) => [name, values.join('')])).toEqual([
      ['sex', 'FFMMFFMM'],
      ['site', 'xxxxyyyy'],
    ])
    expect(warnings).toEqual([])
  })

  it('crosses columns, and takes rows of images, by any path, beside those of people', async () => {
    const text = 'ann,F,\nbob,F,\ncyd,M,\ndee,M,\n'
    const own = images.map((image, i) => `${i % 2 ? image : image.slice(2)},,${i % 2}\n`)
    const { columns } = await plan(`name,sex,light\n${text}${own.join('')}`, {
      columns: ['sex,light', 'light'],
      minPeople: 1,
    }).catch((error) => error)
    // Nobody has two images of one light: no group of it has a pair of one person.
    expect(columns).toBeUndefined()
    const { columns: sex } = await plan(`name,sex,light\n${text}${own.join('')}`, {
      columns: ['sex'],
    })
    expect(sex).toEqual([{ columns: ['sex'], values: 'FFFFMMMM'.split('') }])
  })

  it('leaves out and names people without a row, rows of nobody and columns of no groups', async () => {
    const text = 'id,who,sex,all,note\n1,zoe,F,1,\n2,bob,F,1,\n'
    await expect(plan(text)).rejects.toMatchObject(refusal(/names nobody of these images/))
    const more = `person,sex,all,none\nann,F,1,\nbob,F,1,\ncyd,M,1,\nzoe,M,1,\n`
    const found = planAll(
      [...images, 'f/eve/1.jpg', 'f/eve/2.jpg'],
      await table(`${more}dee,M,1,\n`),
    )
    expect(found.files).toEqual(images)
    expect(found.warnings).toEqual([
      expect.stringMatching(/1 of 5 rows are of nobody here: zoe$/),
      expect.stringMatching(/no row of 1 people, who are left out: eve$/),
      expect.stringMatching(/: all is left out: it has one group only$/),
      expect.stringMatching(/: none is left out: it has no value$/),
    ])
  })

  it.each([
    ['', /has no rows/],
    ['person,sex\n', /has no rows/],
    ['person\nann\n', /has no column beside person/],
    ['person,sex\n,F\n', /line 2: person is empty/],
    [`${sexes}ann,M,x\n`, /line 6: sex of ann is M, but line 2 says F/],
    [`${sexes}ann/1.jpg,M,\n`, /line 6: sex of ann\/1\.jpg is M, but line 2 says F/],
    ['person,sex\nann,F\nbob,M\ncyd,M\n', /sex: F has one person, so nobody/],
    ['person,sex\nann,F\nbob,F\n', /no column of two groups or more among these images: sex/],
  ])('refuses %j', async (text, message) => {
    await expect(plan(text)).rejects.toMatchObject(refusal(message))
  })

  it('refuses a column that there is not, with the nearest that there is', async () => {
    const wrong = plan(sexes, { columns: ['sxe'] })
    await expect(wrong).rejects.toMatchObject(refusal(/no column sxe; did you mean sex\?/))
    const far = plan(sexes, { columns: ['sex,skin_tone'] })
    await expect(far).rejects.toMatchObject(refusal(/no column skin_tone; it has sex, site/))
  })

  it('refuses a group of nobody with two images, and leaves small groups out only where it is told to', async () => {
    const single = ['f/ann/1.jpg', 'f/bob/1.jpg', ...images.slice(4)]
    const one = await table('person,sex\nann,F\nbob,F\ncyd,M\ndee,M\n')
    expect(() => planAll(single, one)).toThrow(
      expect.objectContaining(refusal(/F has no pair of one person: nobody with two images/)),
    )
    expect(() => planAll(single, one, { minPeople: 2 })).toThrow(
      expect.objectContaining(refusal(/M is the only one that is left/)),
    )
    const three = await table('person,sex\nann,F\nbob,F\ncyd,M\ndee,M\neve,X\n')
    const more = [...images, 'f/eve/1.jpg', 'f/eve/2.jpg']
    expect(() => planAll(more, three)).toThrow(expect.objectContaining(refusal(/X has one person/)))
    expect(planAll(more, three, { minPeople: 2 }).columns).toHaveLength(1)
  })

  it('refuses values that are none', async () => {
    await expect(table('{"person":"ann","sex":["F"]}\n', 'a.jsonl')).rejects.toMatchObject(
      refusal(/line 1: sex has no single value/),
    )
    const { rows } = await table('{"person":"ann","age":31,"x":null,"y":true}\n', 'b.jsonl')
    expect(rows[0]!.values).toEqual({ person: 'ann', age: '31', x: '', y: 'true' })
  })

  it('takes the pairs of a list, and refuses one that contradicts its folders', async () => {
    const list = {
      images,
      a: Int32Array.of(0, 4, 0, 2, 0),
      b: Int32Array.of(1, 5, 4, 6, 2),
      same: Uint8Array.of(1, 1, 0, 0, 0),
      folds: 1,
    }
    const one = await table('person,sex\nann,F\nbob,M\ncyd,F\ndee,M\n')
    expect(() => planListed(list, one)).toThrow(
      expect.objectContaining(refusal(/M has no pair of one person/)),
    )
    const a = Int32Array.of(0, 2, 0, 2, 0)
    const b = Int32Array.of(1, 3, 4, 6, 2)
    expect(planListed({ ...list, a, b }, one)).toMatchObject({ files: images, list: { a, b } })
    expect(() => planListed({ ...list, same: Uint8Array.of(1, 1, 0, 0, 1) }, one)).toThrow(
      expect.objectContaining({ code: 'EVALUATE_IDENTITY' }),
    )
    const bin = { ...list, images: [{ name: 'x', bytes: new Uint8Array(1) }] }
    expect(() => planListed(bin as never, one)).toThrow(
      expect.objectContaining(refusal(/names nobody/)),
    )
  })

  it('looks at the folds of lists a group before anything is embedded', () => {
    const pairs = {
      images: images.slice(0, 4),
      a: Int32Array.of(0, 0),
      b: Int32Array.of(1, 2),
      same: Uint8Array.of(1, 0),
      folds: 2,
    }
    expect(() => planLists([{ name: 'x', pairs }], 'race')).toThrow(
      expect.objectContaining({ code: 'EVALUATE_FOLDS' }),
    )
  })
})
