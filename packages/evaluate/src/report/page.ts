import { type Html, html, lines, raw } from './html.js'

/** A part of a report. */
export interface Section {
  readonly title: string
  readonly html: Html
}

const STYLE = raw(`
:root { color-scheme: light dark; --ink: #1f2328; --quiet: #57606a; --paper: #fff; --ground: #f6f8fa;
  --line: #e4e7eb; --edge: #d9dee4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --quiet: #9ba5b0; --paper: #161b22; --ground: #0d1117; --line: #2a313a;
    --edge: #30363d; }
  /* Drawings are made for white paper: lightness turned round, hues kept. What is a photograph in them is turned back. */
  svg { filter: invert(.91) hue-rotate(180deg); }
  svg image { filter: invert(1) hue-rotate(180deg); }
}
body { font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: var(--ink);
  background: var(--ground); margin: 0; padding: 2rem 1rem; }
main { max-width: 760px; margin: 0 auto; }
h1, h2 { overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 1.25rem; }
h2 { font-size: 1.1rem; margin: 0 0 .75rem; }
section { background: var(--paper); border: 1px solid var(--edge); border-radius: 8px; padding: 1.25rem;
  margin: 0 0 1.25rem; }
p { margin: .5rem 0 0; color: var(--quiet); font-size: .9rem; overflow-wrap: anywhere; }
svg { width: 100%; height: auto; display: block; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; padding: .4rem 0 .4rem 1rem; overflow-wrap: normal; }
td.number, td span, th span { white-space: nowrap; }
td.parts { white-space: normal; }
tr:last-child > * { border-bottom: 0; }
thead th { color: var(--quiet); font-weight: 600; font-size: .9rem; vertical-align: bottom; }
thead tr:last-child > * { border-bottom: 1px solid var(--edge); }
tbody th { font-weight: 500; overflow-wrap: break-word; min-width: 8rem; max-width: 24rem; }
thead th { overflow-wrap: break-word; }
.formula { font: 1.05rem/1.7 "STIX Two Text", Cambria, Georgia, serif; color: var(--ink); }
.pairs { display: flex; flex-wrap: wrap; gap: 1rem .9rem; }
figure { margin: 0; }
figure img { border-radius: 4px; display: block; object-fit: cover; }
figcaption { color: var(--quiet); font-size: .75rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.pair { display: grid; grid-template-columns: 80px 80px; gap: 2px 4px; }
.pair figcaption { grid-column: 1 / 3; font-size: .8rem; }
.case { width: 112px; }
.case img { object-fit: contain; }
.name { font-size: .7rem; line-height: 1.25; color: var(--quiet); overflow-wrap: anywhere; max-height: 3.75em;
  overflow: hidden; }
pre { background: var(--ground); border-radius: 6px; padding: .75rem; margin: 0; white-space: pre-wrap;
  overflow-wrap: anywhere; font: .85rem/1.5 ui-monospace, "SFMono-Regular", Menlo, monospace; }
`)

/** A whole page, as it is written into a file: no script, nothing loaded from elsewhere. */
export function htmlPage(title: string, sections: readonly Section[]): string {
  const body = sections.map(
    (section) => html`<section>\n<h2>${section.title}</h2>\n${section.html}\n</section>`,
  )
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${lines(body)}
</main>
</body>
</html>
`.toString()
}

/**
 * A table; the first cell of each row is its heading. All cells are text and get escaped. Columns of figures stand to the
 * right, and no figure is broken: a line ends before its interval or remark at most.
 */
export function htmlTable(header: readonly string[], rows: readonly (readonly string[])[]): Html {
  const columns = Math.max(header.length, ...rows.map((row) => row.length))
  const isNumbers = Array.from({ length: columns }, (_, column) => {
    const cells = rows.map((row) => row[column] ?? '').filter((cell) => !/^[–-]?$/.test(cell))
    // A table without heads is one of names and values.
    return header.length > 0 && column > 0 && 2 * cells.filter(isFigure).length > cells.length
  })
  const head = header.map((cell, column) =>
    isNumbers[column]
      ? html`<th scope="col" class="number">${cell}</th>`
      : html`<th scope="col">${cell}</th>`,
  )
  const body = rows.map(([first = '', ...rest]) => {
    const cells = rest.map((cell, i) => {
      if (!isNumbers[i + 1]) return html`<td>${cell}</td>`
      const parts = cell.split(/ (?=[[(])/)
      return parts.length === 1
        ? html`<td class="number">${cell}</td>`
        : html`<td class="number parts">${unbroken(parts)}</td>`
    })
    return html`<tr><th scope="row">${heading(first)}</th>${cells}</tr>`
  })
  const thead = header.length > 0 && html`<thead><tr>${head}</tr></thead>`
  return html`<div class="table"><table>${thead}<tbody>\n${lines(body)}\n</tbody></table></div>`
}

/** `1e-4` is no place for a line to end. */
const heading = (text: string) =>
  text.split(/(\d+e-\d+)/).map((part, i) => (i % 2 === 1 ? html`<span>${part}</span>` : part))

/** Begins with a number, which a sign may stand before and a unit behind. */
const isFigure = (cell: string) => /^[-−+]?\d[\d.,]*(e[-+]?\d+)?( ?[%°])?(?=$|\s)/.test(cell)

/** `90.12 %`, `[88.1 %, 92.3 %]` and `(cosine > 0.3)` stay whole; longer remarks may wrap. */
const unbroken = (parts: readonly string[]) =>
  parts.map((part, i) => [i > 0 && ' ', part.length > 32 ? part : html`<span>${part}</span>`])
