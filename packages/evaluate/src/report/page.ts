/** A part of a report. `html` is markup: text in it must have gone through `escapeHtml`. */
export interface Section {
  readonly title: string
  readonly html: string
}

const STYLE = `
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: #1f2328;
  background: #f6f8fa; margin: 0; padding: 2rem 1rem; }
main { max-width: 760px; margin: 0 auto; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 1.25rem; }
h2 { font-size: 1.1rem; margin: 0 0 .75rem; }
section { background: #fff; border: 1px solid #d9dee4; border-radius: 8px; padding: 1.25rem;
  margin: 0 0 1.25rem; }
p { margin: .5rem 0 0; color: #57606a; font-size: .9rem; }
svg { width: 100%; height: auto; display: block; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid #e4e7eb;
  vertical-align: top; overflow-wrap: anywhere; }
tr:last-child > * { border-bottom: 0; }
thead th { color: #57606a; font-weight: 600; font-size: .9rem; }
tbody th { font-weight: 500; }
.formula { font: 1.05rem/1.7 "STIX Two Text", Cambria, Georgia, serif; color: #1f2328; }
.pairs { display: flex; flex-wrap: wrap; gap: .75rem; }
figure { margin: 0; }
figure img { border-radius: 4px; margin-right: 4px; }
figcaption { color: #57606a; font-size: .8rem; font-variant-numeric: tabular-nums; }
pre { background: #f6f8fa; border-radius: 6px; padding: .75rem; margin: 0; white-space: pre-wrap;
  overflow-wrap: anywhere; font: .85rem/1.5 ui-monospace, "SFMono-Regular", Menlo, monospace; }
`

/** A whole page: one file, no script, nothing loaded from elsewhere. */
export function htmlPage(title: string, sections: readonly Section[]): string {
  const body = sections.map(
    (section) => `<section>\n<h2>${escapeHtml(section.title)}</h2>\n${section.html}\n</section>`,
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${body.join('\n')}
</main>
</body>
</html>
`
}

/** A table; the first cell of each row is its heading. All cells are text and get escaped. */
export function htmlTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = header.map((cell) => `<th scope="col">${escapeHtml(cell)}</th>`).join('')
  const body = rows.map(([first = '', ...rest]) => {
    const cells = rest.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')
    return `<tr><th scope="row">${escapeHtml(first)}</th>${cells}</tr>`
  })
  const thead = header.length > 0 ? `<thead><tr>${head}</tr></thead>` : ''
  return `<table>${thead}<tbody>\n${body.join('\n')}\n</tbody></table>`
}

/** Text made safe to stand in markup and in attributes. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replace(/[&<>"']/g, (character) => entities[character]!)
}
