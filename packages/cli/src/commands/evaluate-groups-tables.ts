import type { GroupsResult } from '@arcface/evaluate'
import { lines, columns as table } from '../terminal/table.js'
import { percent, rateName } from '../terminal/words.js'

/** The result as tables. */
export async function groupTables(result: GroupsResult): Promise<string> {
  const { rateWords, ratioWords, verdictWords } = await import('@arcface/evaluate')
  const { threshold, images, people, pairs, fmr, fnmr } = result
  const { cosine, far, from, source } = threshold
  const origin = { given: 'given', model: "the model's own", images: 'of these images' }[from]
  const head = lines([
    [
      'threshold',
      `cosine > ${cosine.toFixed(4)}, ${origin}${far === null ? '' : `, FAR ${rateName(far)} on ${source}`}`,
    ],
    [
      'compared',
      `${pairs === 'all' ? 'every pair' : 'listed pairs'} of ${images} images of ${people} people`,
    ],
    ['FMR, all impostors', rateWords(fmr)],
    ['FNMR', rateWords(fnmr)],
  ])
  const parts = result.columns.map((column) => {
    const { groups, across, fmrWithin, fmrAcross } = column
    const most = across
      .flatMap((one) => (one.fmr ? [{ ...one, fmr: one.fmr }] : []))
      .sort((a, b) => b.fmr.value - a.fmr.value)
      .slice(0, 3)
    const rows = [
      [
        column.columns.join(' x '),
        'people',
        'images',
        'FMR within',
        'FNMR',
        ...(column.accuracy ? ['accuracy'] : []),
      ],
      ...groups.map((group) => [
        group.name,
        `${group.people}`,
        `${group.images}`,
        rateWords(group.fmr),
        rateWords(group.fnmr),
        ...(group.accuracy ? [percent(group.accuracy.value)] : []),
      ]),
    ]
    const measures = (['fmr', 'fnmr'] as const).flatMap((kind) => {
      const of = column[kind]
      if (of === null) return []
      const { maxToGeometricMean: toMean, gini } = of
      const others = [
        ...(toMean === null ? [] : [`by geometric mean ${toMean.toFixed(2)}`]),
        ...(gini === null ? [] : [`Gini ${gini.toFixed(2)}`]),
      ]
      const name = kind.toUpperCase()
      return [
        [`${name}, largest by smallest`, [ratioWords(of), ...others].join(', ')] as const,
        ['', verdictWords(of, name)] as const,
      ]
    })
    const { fdr, garbe, accuracy } = column
    return `\n${table(rows)}${lines([
      ['FMR within groups', rateWords(fmrWithin)],
      ['FMR across groups', rateWords(fmrAcross)],
      ...most.map(({ groups: [a, b], fmr }) => [`FMR of ${a} with ${b}`, rateWords(fmr)] as const),
      ...measures,
      ['FDR, GARBE', `${fdr?.toFixed(4) ?? '-'}, ${garbe?.toFixed(4) ?? '-'}`],
      ...(accuracy
        ? [
            [
              'accuracy of the groups',
              `${percent(accuracy.mean)}, standard deviation ${percent(accuracy.std)}, skewed error ratio ${accuracy.skewedErrorRatio?.toFixed(2) ?? '-'}`,
            ] as const,
          ]
        : []),
    ])}`
  })
  return head + parts.join('')
}
