import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { measureTemplatePairs, measureTemplateSearch } from '../measures/templates.js'
import { referenceMatMul } from '../testing/matmul.js'
import { embedColours, pictures } from '../testing/pictures.js'
import { reportTemplates } from './reports/templates.js'
import { embedTemplates, readTemplateLists } from './templates.js'

let folder = ''
const put = (name: string, lines: readonly string[]) => {
  const file = join(folder, name)
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}
/** Templates 1 and 2 are Ada's, 3 and 4 Bob's, 5 is Cyd's. */
const media = ['a.png 1 1', 'b.png 2 1', 'c.png 2 2', 'd.png 3 1', 'e.png 4 1', 'f.png 5 1']
const pairs = ['1 2 1', '1 3 0', '3 4 1', '2 5 0']
beforeAll(async () => {
  folder = await pictures({
    'a.png': { of: 'ada' },
    'b.png': { of: 'ada', shade: 20 },
    'c.png': { of: 'ada', shade: 50 },
    'd.png': { of: 'bob' },
    'e.png': { of: 'bob', shade: 30 },
    'f.png': { of: 'cyd' },
  })
})

const files = () => ({
  images: folder,
  media: put('media.txt', media),
  pairs: put('pairs.txt', pairs),
  gallery: put('gallery.csv', ['1,7', '3,8']),
  probes: put('probes.csv', ['2,7', '4,8', '5,9']),
})

describe('templates', () => {
  it('are pooled of lists, compared and searched', async () => {
    const lists = readTemplateLists(files())
    expect(lists.warnings).toEqual([])
    const templates = await embedTemplates(lists, embedColours, { norms: 'keep' })
    expect([...templates.ids]).toEqual([1, 2, 3, 4, 5])
    const matmul = referenceMatMul
    const { figures, a, b } = await measureTemplatePairs(templates, lists.pairs!, {
      far: [0.5],
      matmul,
    })
    expect([[...a], [...b]]).toEqual([
      [0, 0, 2, 1],
      [1, 2, 3, 4],
    ])
    // Pairs of one colour are alike, those of two are not.
    expect(figures).toMatchObject({ pairs: 4, genuine: 2, auc: 1 })
    expect(figures).not.toHaveProperty('accuracy')
    const { result, probeRows, galleryRows } = await measureTemplateSearch(
      templates,
      lists.search!,
      {
        ranks: [1],
        fpir: [0.5],
        matmul,
      },
    )
    expect([[...probeRows], [...galleryRows]]).toEqual([
      [1, 3, 4],
      [0, 2],
    ])
    expect(result).toMatchObject({ probes: 3, gallery: 2, mated: 2 })
    expect([...result.cmc]).toEqual([1])
    expect(result.openSet?.points[0]).toMatchObject({ tpir: 1, reachedFpir: 0 })
  })

  it('are looked at before the model runs', () => {
    const contradicting = { ...files(), pairs: put('both.txt', [...pairs, '1 2 0']) }
    expect(readTemplateLists(contradicting).warnings).toEqual([
      expect.stringMatching(/^1 pair labelled two people.*pair 5, template 1 and template 2$/),
    ])
    const refused = (change: object, code: string, folds?: number) =>
      expect(() => readTemplateLists({ ...files(), ...change }, folds)).toThrow(
        expect.objectContaining({ code }),
      )
    refused({ media: put('lost.txt', [...media, 'gone.png 6 1']) }, 'DATA_PAIRS_IMAGE')
    refused({ pairs: put('strange.txt', [...pairs, '1 9 0']) }, 'EVALUATE_TEMPLATE')
    refused({ gallery: put('strange.csv', ['9,1']) }, 'EVALUATE_TEMPLATE')
    refused({ scores: put('scores.txt', [`a.png ${'1 '.repeat(10)}0.9`]) }, 'DATA_LIST')
    refused({}, 'EVALUATE_FOLDS', 10)
  })

  it('are reported with what is needed to get the same figures again', async () => {
    const given = files()
    const lists = readTemplateLists(given)
    const templates = await embedTemplates(lists, embedColours, { norms: 'keep' })
    const measures = { far: [0.5], matmul: referenceMatMul }
    const verified = await measureTemplatePairs(templates, lists.pairs!, measures)
    const weights = put('weights.safetensors', ['of the test'])
    const written: string[] = []
    await reportTemplates(
      join(folder, 'report'),
      { files: given, list: lists.media, templates, flip: false, verified },
      { model: 'tiny', weights, versions: [['engine', '1.2.3']], command: 'repeat this' },
      { onFile: (path) => written.push(path) },
    )
    expect(written).toHaveLength(5)
    expect(readdirSync(join(folder, 'report'))).toEqual(['1-1'])
    const { facts, command, results } = JSON.parse(
      readFileSync(join(folder, 'report/1-1/report.json'), 'utf8'),
    )
    expect(command).toBe('repeat this')
    expect(results[0]).toMatchObject({ name: 'without flip', auc: 1 })
    const sum = createHash('sha256')
    for (const name of 'abcdef') sum.update(readFileSync(join(folder, `${name}.png`)))
    const { a, b, figures } = verified
    for (const list of [lists.media.templates, lists.media.media, a, b, figures.same])
      sum.update(list)
    expect(facts).toMatchObject({
      Model: 'tiny',
      'SHA-256 of its weights': `${createHash('sha256').update('of the test\n').digest('hex')} (weights.safetensors)`,
      'SHA-256 of the data': sum.digest('hex'),
      Node: process.version,
      engine: '1.2.3',
      media: given.media,
    })
  })
})
