import { Random } from '@arcface/data'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { pairSample } from '../bootstrap/identities.js'
import { pairIntervals } from '../bootstrap/intervals.js'
import { farGrid, pairFigures } from '../roc/figures.js'
import { verification } from '../verification/verification.js'
import { chartColors, histogramChart, lineChart } from './charts.js'
import { curvesCsv, figuresCsv, scoresCsv, verificationJson } from './export.js'
import { escapeHtml, htmlPage, htmlTable } from './page.js'
import { publishedSet } from './published.js'
import { pairAngles } from './scores.js'
import { verificationReport } from './verification.js'
import { worstPairs } from './worst.js'

// Cosines 0.8 and 0.6 for the same person, 0 and -1 for two people, in each of two folds.
const embeddings = Float32Array.of(1, 0, 0.8, 0.6, 0.6, 0.8, 0, 1, -1, 0)
const result = verification({
  embeddings,
  dim: 2,
  a: new Int32Array(8),
  b: Int32Array.of(1, 2, 3, 4, 1, 2, 3, 4),
  same: Uint8Array.of(1, 1, 0, 0, 1, 1, 0, 0),
  folds: 2,
})

/** The texts that an SVG shows. */
const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((m) => m[1])

describe('charts', () => {
  it('draw lines with named axes and series', async () => {
    const svg = lineChart({
      x: { name: 'Step', log: true, min: 1e-4, max: 1 },
      y: { name: 'Accuracy', percent: true, min: 0, max: 1 },
      series: [
        {
          name: 'first',
          points: [
            [1e-4, 0.5],
            [1, 0.9],
          ],
        },
        {
          name: 'second',
          points: [
            [1e-4, 0.1],
            [1, 0.2],
          ],
        },
      ],
    })
    expect(svg).toMatch(/^<svg[^>]*viewBox="0 0 720 360"/)
    const shown = texts(svg)
    for (const text of ['Step', 'Accuracy', 'first', 'second', '1e-4', '0.01', '100 %', '0 %']) {
      expect(shown).toContain(text)
    }
    expect(svg).toMatch(/stroke="#0072b2"/)
    expect(svg).not.toContain('<script')
    // librsvg reads XML only: an unescaped quote would stop it.
    expect(await sharp(Buffer.from(svg)).metadata()).toMatchObject({ format: 'svg', width: 720 })
  })

  it('give each of eight series a colour of its own', () => {
    const svg = lineChart({
      x: { name: 'x' },
      y: { name: 'y' },
      series: chartColors.map((_, i) => ({
        name: `series ${i}`,
        points: [
          [0, i],
          [1, i],
        ],
      })),
    })
    expect(new Set(chartColors).size).toBe(8)
    for (const color of chartColors) expect(svg).toContain(`stroke="${color}"`)
  })

  it('draw histograms as stairs over the whole range', () => {
    const svg = histogramChart({
      x: { name: 'Cosine' },
      y: { name: 'Share' },
      from: -1,
      to: 1,
      series: [{ name: 'Same person', heights: [0, 1, 3, 0] }],
    })
    for (const text of ['Cosine', 'Share', 'Same person', '-1', '1'])
      expect(texts(svg)).toContain(text)
  })
})

describe('pages', () => {
  it('escape text but not the markup of sections', () => {
    const page = htmlPage('a < b & "c"', [{ title: "it's", html: '<i>kept</i>' }])
    expect(page).toContain('<h1>a &lt; b &amp; &quot;c&quot;</h1>')
    expect(page).toContain('<h2>it&#39;s</h2>')
    expect(page).toContain('<i>kept</i>')
    expect(htmlTable(['', '<x>'], [['row', '<b>']])).toContain(
      '<th scope="row">row</th><td>&lt;b&gt;',
    )
    expect(escapeHtml('<script>')).not.toContain('<')
  })
})

describe('verificationReport', () => {
  const report = verificationReport(
    [
      { name: 'without flip', result },
      { name: 'with flip', result },
    ],
    {
      title: 'Verification',
      facts: [['Model', 'a<b>.onnx']],
      command: 'arcface evaluate verification --model "a b"',
    },
  )

  it('shows the figures of every result, and marks a FAR that so few pairs cannot measure', () => {
    const cells = (row: string) =>
      [
        ...(report.split(`<th scope="row">${row}</th>`)[1] ?? '')
          .split('</tr>')[0]!
          .matchAll(/<td>([^<]*)/g),
      ].map((m) => m[1])
    expect(cells('Accuracy, mean ± std of folds')).toEqual([
      '100.00 % ± 0.00 %',
      '100.00 % ± 0.00 %',
    ])
    expect(cells('Area under the ROC curve')).toEqual(['1.0000', '1.0000'])
    expect(cells('TAR at FAR 1e-1, as InsightFace reads it')[0]).toMatch(/^100\.00 % ± 0\.00 %/)
    expect(cells('TAR at FAR 1e-3')[0]).toMatch(/^100\.00 % \(no impostor accepted: too few/)
    expect(cells('Pairs / folds')[0]).toBe('8 / 2')
    expect(report).toContain('a&lt;b&gt;.onnx')
    expect(report).toContain('--model &quot;a b&quot;')
  })

  it('stands alone: no script, nothing fetched', () => {
    expect(report).not.toMatch(/<script|<link|<img|@import|src=/)
    expect(report.match(/<svg/g)).toHaveLength(3)
    expect(
      report.match(/https?:\/\/[^"<\s]*/g)?.filter((url) => !url.includes('www.w3.org')),
    ).toEqual([])
  })
})

describe('a report with intervals and pictures', () => {
  // 12 people, images 2 i and 2 i + 1; vectors round the person's own, so that some pairs are hard.
  const random = new Random(9)
  const rows = Float32Array.from(
    Array.from({ length: 12 }, () => {
      const own = Array.from({ length: 4 }, () => random.normal())
      return [0, 1].flatMap(() => own.map((value) => value + 0.7 * random.normal()))
    }).flat(),
  )
  const a = Int32Array.from({ length: 48 }, (_, p) => 2 * (p % 12))
  const same = Uint8Array.from(a, (_, p) => Number(p % 2 === Math.floor(p / 12) % 2))
  const b = a.map((row, p) => (same[p] === 1 ? row + 1 : (row + 2 * (1 + (p >> 4)) + 1) % 24))
  const result = verification({ embeddings: rows, dim: 4, a, b, same, folds: 4 })
  const people = Int32Array.from({ length: 24 }, (_, row) => row >> 1)
  const sample = pairSample(result.similarities, same, a, b, people)
  const fars = [1e-1, 1e-2, 1e-3, ...farGrid(24)]
  const intervals = pairIntervals(sample, { fars, folds: 4, replicates: 200 })
  const named = [{ name: 'plain', result, intervals }] as const
  const { falseMatches, misses } = worstPairs(result, 3)
  const picture = (row: number) => ({ name: `<${row}>`, source: 'data:image/png;base64,AAAA' })
  const pictured = (pairs: typeof misses) =>
    pairs.map((one) => ({ ...one, first: picture(a[one.pair]!), second: picture(b[one.pair]!) }))
  const meta = {
    title: 'With everything',
    facts: [['Model', 'x.onnx']] as const,
    worst: { falseMatches: pictured(falseMatches), misses: pictured(misses) },
    published: { set: 'LFW' as const },
  }

  it('finds the worst pairs of each kind, worst first', () => {
    const of = (label: number) =>
      [...result.similarities].filter((_, p) => same[p] === label).sort((x, y) => x - y)
    expect(falseMatches.map(({ cosine }) => cosine)).toEqual(of(0).slice(-3).reverse())
    expect(misses.map(({ cosine }) => cosine)).toEqual(of(1).slice(0, 3))
    for (const { pair, cosine } of [...falseMatches, ...misses])
      expect(result.similarities[pair]).toBe(cosine)
  })

  it('shows bands, pictures, angles and the published figures, and stands alone', async () => {
    const page = verificationReport(named, meta)
    expect(page).toMatch(/Accuracy.*% \[\d+\.\d\d %, \d+\.\d\d %\]/)
    expect(page).toMatch(/bootstrap over the 12 people/)
    expect(page.match(/<img src="data:image\/png;base64,AAAA" alt="&lt;\d+&gt;"/g)).toHaveLength(12)
    expect(page).toContain('<td>99.53 %</td>')
    expect(page).toContain(`<td>${(100 * result.accuracy).toFixed(2)} %</td>`)
    expect(page).not.toMatch(/<script|<link|@import|src="(?!data:)/)
    const [roc, det] = page.match(/<svg[\s\S]*?<\/svg>/g)!
    for (const svg of [roc!, det!]) {
      expect(svg).toMatch(/opacity="0\.18"/)
      expect(await sharp(Buffer.from(svg)).metadata()).toMatchObject({ format: 'svg' })
    }
    const without = verificationReport([{ name: 'plain', result }], { title: 'x', facts: [] })
    expect(without).not.toContain('opacity="0.18"')
  })

  it('gives the same as JSON and the scores as CSV', () => {
    const json = JSON.parse(verificationJson(named, meta))
    expect(json.facts).toEqual({ Model: 'x.onnx' })
    expect(json.results[0]).toMatchObject({
      name: 'plain',
      accuracy: result.accuracy,
      intervals: { identities: 12 },
    })
    expect(json.results[0].similarities).toBeUndefined()
    // Curve and histogram, counted anew.
    const at = (label: number) => [...result.similarities].filter((_, p) => same[p] === label)
    const share = (of: number[], t: number) => of.filter((score) => score > t).length / of.length
    const { curve, histogram } = json.results[0]
    expect(curve.at(-1)).toEqual({ far: 1, tar: 1, threshold: null })
    for (const { far, tar, threshold } of curve.slice(0, -1))
      expect([share(at(0), threshold), share(at(1), threshold)]).toEqual([far, tar])
    const { from, to, genuine } = histogram
    const middle = genuine.length / 2
    const below = genuine.slice(0, middle).reduce((sum: number, part: number) => sum + part, 0)
    expect(below).toBeCloseTo(1 - share(at(1), (from + to) / 2), 9)
    expect(json.worst.misses[0]).toEqual({
      pair: misses[0]!.pair + 1,
      cosine: misses[0]!.cosine,
      first: `<${a[misses[0]!.pair]}>`,
      second: `<${b[misses[0]!.pair]}>`,
    })
    expect(json.published.set).toBe('LFW')
    const names = Array.from({ length: 24 }, (_, row) => (row === 0 ? 'a,"0"' : `${row}.jpg`))
    const scored = {
      ...result,
      folds: 4,
      names: (p: number) => [names[a[p]!]!, names[b[p]!]!] as const,
    }
    const lines = [...scoresCsv(scored)].join('').trimEnd().split('\n')
    expect(lines[0]).toBe('pair,fold,first,second,same,cosine,angle_degrees')
    expect(lines[1]).toMatch(/^1,1,"a,""0""",1\.jpg,1,/)
    expect(lines).toHaveLength(49)
    for (const [p, line] of lines.slice(1).entries()) {
      const [pair, fold, , , label, cosine] = line.replace('"a,""0"""', 'a').split(',')
      expect([pair, fold, label].map(Number)).toEqual([p + 1, 1 + Math.floor(p / 12), same[p]])
      expect(Number(cosine)).toBe(result.similarities[p])
    }
  })

  it('gives figures and curves as CSV', () => {
    const [head, ...rows] = figuresCsv(named).trimEnd().split('\n')
    expect(head).toBe('result,figure,value,low,high')
    const { low, high } = intervals.accuracy!
    expect(rows[0]).toBe(`plain,accuracy,${result.accuracy},${low},${high}`)
    expect(rows).toContainEqual(
      expect.stringMatching(/^plain,TAR at FAR 1e-1,[\d.]+,[\d.]+,[\d.]+$/),
    )
    expect(rows).toContainEqual(
      expect.stringMatching(/^plain,"TAR at FAR 1e-1, as InsightFace reads it",[\d.]+,,$/),
    )
    const points = curvesCsv(named).trimEnd().split('\n')
    expect(points[0]).toBe('result,far,tar,threshold')
    expect(points.at(-1)).toBe('plain,1,1,')
    expect(points.length).toBeGreaterThan(5)
  })

  it('goes without folds: figures of pairs in all its forms', () => {
    const figures = pairFigures(result.similarities, same, [0.1, 0.01])
    const page = verificationReport([{ name: 'templates', result: figures }], meta)
    expect(page).not.toContain('Accuracy, mean')
    expect(page).toContain('at the FAR that is nearest')
    expect(figuresCsv([{ name: 'templates', result: figures }])).toContain('TAR at FAR 0.1,')
    const scored = { ...figures, names: () => ['x', 'y'] as const }
    expect([...scoresCsv(scored)].join('')).toMatch(/^pair,first,second,same.*\n1,x,y,/)
  })

  it('has the angles of the cosines', () => {
    const degrees = [...result.similarities]
      .filter((_, p) => same[p] === 1)
      .map((cosine) => (Math.acos(cosine) * 180) / Math.PI)
      .sort((x, y) => x - y)
    const { genuine, impostor } = pairAngles(result)
    const mean = degrees.reduce((sum, x) => sum + x) / 24
    const variance = degrees.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 24
    expect(genuine.mean).toBeCloseTo(mean, 9)
    expect(genuine.std).toBeCloseTo(Math.sqrt(variance), 9)
    expect(genuine.median).toBeCloseTo((degrees[11]! + degrees[12]!) / 2, 9)
    expect(impostor.mean).toBeGreaterThan(genuine.mean)
  })

  it.each([
    ['lfw.bin', 'LFW'],
    ['cfp_fp.bin', 'CFP-FP'],
    ['agedb_30.bin', 'AgeDB-30'],
    ['calfw.bin', undefined],
    ['cplfw.bin', undefined],
    ['cfp_ff.bin', undefined],
    ['ytf_pairs.txt', 'YTF'],
    ['celeba_pairs.txt', undefined],
  ])('takes %s for %s', (file, set) => {
    expect(publishedSet(file)).toBe(set)
  })
})
