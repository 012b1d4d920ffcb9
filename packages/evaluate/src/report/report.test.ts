import { Random } from '@arcface/vision'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { pairIntervals } from '../bootstrap/intervals.js'
import { pairSample } from '../bootstrap/sample.js'
import { farGrid, pairFigures } from '../roc/figures.js'
import { scoreBins } from '../roc/histogram.js'
import { verification } from '../verification/verification.js'
import { worstPairs } from '../verification/worst.js'
import { shortName } from '../words.js'
import { shareAxis } from './axes.js'
import * as charts from './charts.js'
import { curvesCsv, figuresCsv, scoresCsv, verificationJson } from './export.js'
import { chartColors } from './frame.js'
import { html } from './html.js'
import { inRows } from './marks.js'
import { htmlPage, htmlTable } from './page.js'
import { publishedSet } from './published.js'
import { pairAngles } from './scores.js'
import { verificationReport } from './verification.js'

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

const lineChart = (spec: charts.LineChartSpec) => charts.lineChart(spec).toString()
const histogramChart = (spec: charts.HistogramSpec) => charts.histogramChart(spec).toString()

/** The texts that an SVG shows. */
const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((m) => m[1])

describe('charts', () => {
  it('begin an axis of rates with two digits, which have room there', () => {
    const points = [[1 / 180, 0.5] as const, [1, 1] as const]
    const axis = { name: 'rate', log: true, min: 1 / 180, max: 1 }
    const shown = texts(lineChart({ x: axis, y: axis, series: [{ name: 'one', points }] }))
    expect(shown.filter((text) => text === '0.0056')).toHaveLength(2)
    expect(shown.filter((text) => text?.startsWith('0.0055'))).toEqual([])
  })

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

  it('keep a legend of any length above the plot, with its colours and dashes', () => {
    const names = Array.from({ length: 12 }, (_, i) => `a loss with a name of some length ${i}`)
    const chart = (count: number) =>
      lineChart({
        x: { name: 'x' },
        y: { name: 'y' },
        series: names.slice(0, count).map((name, i) => ({
          name,
          points: [
            [0, i],
            [1, i + 1],
          ],
          color: `#0000${10 + i}`,
          ...(i === 1 && { dash: [6, 4] }),
        })),
      })
    const svg = chart(12)
    const heights = (text: string) =>
      [...svg.matchAll(/<text([^>]*)>([^<]*)<\/text>/g)]
        .filter((found) => found[2]!.startsWith(text))
        .map((found) =>
          Number(/ y="([\d.]+)"/.exec(found[1]!)?.[1] ?? /[ ,]([\d.]+)\)"/.exec(found[1]!)![1]),
        )
    // The name of the axis stands right above the plot.
    expect(Math.max(...heights('a loss'))).toBeLessThan(Math.min(...heights('y')))
    expect(heights('a loss')).toHaveLength(12)
    // The plot is not smaller for it: the drawing is higher.
    const height = (text: string) => Number(/viewBox="0 0 720 (\d+)"/.exec(text)![1])
    expect(height(chart(1))).toBe(360)
    expect(height(svg)).toBeGreaterThan(360 + 4 * 15)
    expect(svg.match(/stroke="#000010"/g)!.length).toBeGreaterThanOrEqual(2)
    expect(svg.match(/stroke-dasharray="6[ ,]4"/g)).toHaveLength(2)
  })

  it('mark values of x with names that touch neither each other nor a line', () => {
    const at = [0.1, 0.11, 0.12, 0.9, 0.99, 2]
    const svg = histogramChart({
      x: { name: 'Cosine' },
      y: { name: 'Share' },
      from: 0,
      to: 1,
      series: [{ name: 'Same person', heights: [1, 3] }],
      marks: at.map((one) => ({ at: one, name: `FAR ${one}` })),
    })
    const shown = texts(svg).filter((text) => text!.startsWith('FAR'))
    expect(shown.sort()).toEqual(['FAR 0.1', 'FAR 0.11', 'FAR 0.12', 'FAR 0.9', 'FAR 0.99'])
    const x = (one: number) => 640 * one
    const placed = inRows(
      at.slice(0, 5).map((one) => ({ at: one, name: `FAR ${one}` })),
      x,
      664,
    )
    const rows = Object.fromEntries(placed.map(({ at: one, row }) => [one, row]))
    // The leftmost of the three highest: its line passes no name.
    expect(rows[0.1]).toBeGreaterThan(rows[0.11]!)
    expect(rows[0.11]).toBeGreaterThan(rows[0.12]!)
    expect(placed.find((one) => one.at === 0.99)!.left).toBe(true)
    expect(rows[0.9]).not.toBe(rows[0.99])
  })

  it.each([
    [0.884, 0.85, 0.05],
    [0.5, 0.4, 0.1],
    [0, 0, 0.2],
    [0.05, 0, 0.2],
    [0.9985, 0.998, 0.0005],
    [1, 0.99, 0.01],
  ])('begin an axis of shares just below the smallest: %f', (lowest, min, step) => {
    const axis = shareAxis(lowest)
    expect(axis.min).toBeCloseTo(min, 9)
    expect(axis.step).toBeCloseTo(step, 9)
    expect((1 - axis.min) / axis.step).toBeCloseTo(Math.round((1 - axis.min) / axis.step), 6)
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
    const page = htmlPage('a < b & "c"', [{ title: "it's", html: html`<i>kept</i>` }])
    expect(page).toContain('<h1>a &lt; b &amp; &quot;c&quot;</h1>')
    expect(page).toContain('<h2>it&#39;s</h2>')
    expect(page).toContain('<i>kept</i>')
    expect(`${htmlTable(['', '<x>'], [['row', '<b>']])}`).toContain(
      '<th scope="row">row</th><td>&lt;b&gt;',
    )
  })

  it('put figures of a table to the right and leave them whole, and names as they are', () => {
    const table = `${htmlTable(
      ['', 'TAR', 'Note'],
      [
        ['FAR 1e-4', '90.12 % [88.10 %, 92.30 %] (cosine > 0.3)', 'a (b) c'],
        ['second', '–', '12 of them, others not'],
        ['third', '−0.5 ± 0.1', 'x'],
      ],
    )}`
    expect(table).toContain('<th scope="row">FAR <span>1e-4</span></th>')
    expect(table).toContain(
      '<td class="number parts"><span>90.12 %</span> <span>[88.10 %, 92.30 %]</span> <span>(cosine &gt; 0.3)</span></td>',
    )
    expect(table).toContain('<td class="number">−0.5 ± 0.1</td>')
    expect(table).toContain('<th scope="col" class="number">TAR</th><th scope="col">Note</th>')
    expect(table).toContain('<td>a (b) c</td>')
    // Names and values, as of what was measured.
    expect(`${htmlTable([], [['arcface', '0.1.0']])}`).toContain('<td>0.1.0</td>')
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
        ...(report.replaceAll(/<\/?span>/g, '').split(`<th scope="row">${row}</th>`)[1] ?? '')
          .split('</tr>')[0]!
          .matchAll(/<td[^>]*>([^<]*)/g),
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
    // ROC and histogram; nobody is missed, so that a DET would be empty.
    expect(report.match(/<svg/g)).toHaveLength(2)
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
    expect(page).toMatch(
      /Accuracy.*<span>[\d.]+ % ± [\d.]+ %<\/span> <span>\[\d+\.\d\d %, \d+\.\d\d %\]<\/span>/,
    )
    expect(page).toMatch(/bootstrap over the 12 people/)
    expect(page.match(/<img src="data:image\/png;base64,AAAA" alt="&lt;\d+&gt;"/g)).toHaveLength(12)
    // Under each picture whose it is.
    expect(page.match(/<div class="name">&lt;\d+&gt;<\/div>/g)).toHaveLength(12)
    expect(page).toMatch(/>best<\/text>/)
    expect(page).toMatch(/>FAR 1e-1<\/text>/)
    expect(page).toContain('<td class="number">99.53 %</td>')
    expect(page).toContain(`<td class="number">${(100 * result.accuracy).toFixed(2)} %</td>`)
    expect(page).not.toMatch(/<script|<link|@import|src="(?!data:)/)
    const [roc, det] = page.match(/<svg[\s\S]*?<\/svg>/g)!
    for (const svg of [roc!, det!]) {
      expect(svg).toMatch(/opacity="0\.18"/)
      expect(await sharp(Buffer.from(svg)).metadata()).toMatchObject({ format: 'svg' })
    }
    const without = verificationReport([{ name: 'plain', result }], { title: 'x', facts: [] })
    expect(without).not.toContain('opacity="0.18"')
  })

  it.each([
    ['/data/lfw/Ann_Lee/Ann_Lee_0001.jpg', 'Ann_Lee_0001.jpg'],
    ['ann/1.jpg', 'ann/1.jpg'],
    ['/data/ann/1.jpg', 'ann/1.jpg'],
    ['lfw.bin, image 12', 'lfw.bin, image 12'],
    ['template 3 (img/7/a b.jpg)', 'template 3 (7/a b.jpg)'],
  ])('calls %s %s', (name, short) => {
    expect(shortName(name)).toBe(short)
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
    expect(genuine!.mean).toBeCloseTo(mean, 9)
    expect(genuine!.std).toBeCloseTo(Math.sqrt(variance), 9)
    expect(genuine!.median).toBeCloseTo((degrees[11]! + degrees[12]!) / 2, 9)
    expect(impostor!.mean).toBeGreaterThan(genuine!.mean)
  })

  it('holds figures and no NaN where all scores are equal, nobody is missed, or a kind of pair is lacking', () => {
    const equal = {
      ...result,
      similarities: new Float64Array(48).fill(1),
    }
    const page = verificationReport([{ name: 'equal', result: equal }], { title: 'x', facts: [] })
    expect(page).not.toMatch(/NaN|undefined|Infinity/)
    expect(scoreBins(equal)).toMatchObject({ from: 0.8, to: 1 })
    expect(scoreBins(equal).genuine.at(-1)).toBe(1)
    const apart = { ...result, similarities: Float64Array.from(same, (label) => label) }
    const perfect = verificationReport([{ name: 'p', result: apart }], { title: 'x', facts: [] })
    expect(perfect).toContain('at no rate is anybody missed')
    const genuine = { similarities: Float64Array.of(0.5, 0.7), same: Uint8Array.of(1, 1) }
    expect(pairAngles(genuine).impostor).toBeNull()
    expect(scoreBins(genuine).impostor.every((share) => share === 0)).toBe(true)
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
