import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { verification } from '../verification/verification.js'
import { chartColors, histogramChart, lineChart } from './charts.js'
import { escapeHtml, htmlPage, htmlTable } from './page.js'
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
    expect(cells('TAR at FAR 1e-3')[0]).toMatch(/^100\.00 % \(no impostor accepted: too few/)
    expect(cells('Pairs / folds')[0]).toBe('8 / 2')
    expect(report).toContain('a&lt;b&gt;.onnx')
    expect(report).toContain('--model &quot;a b&quot;')
  })

  it('stands alone: no script, nothing fetched', () => {
    expect(report).not.toMatch(/<script|<link|<img|@import|src=/)
    expect(report.match(/<svg/g)).toHaveLength(2)
    expect(
      report.match(/https?:\/\/[^"<\s]*/g)?.filter((url) => !url.includes('www.w3.org')),
    ).toEqual([])
  })
})
