import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { build, type InlineConfig } from 'vite'
import { REPOSITORY } from '../pages.js'

const INDEX = `<!doctype html>
<meta charset="utf-8">
<title>page</title>
<script type="module" src="/main.js"></script>
`

/**
 * Builds a page by Vite, set up as a new project is: `files` by their paths, with `main.js`; an `index.html` that loads it
 * is added where there is none. What they import is what is installed in the repository, rooms included (their `dist`).
 * @returns the folder to serve; it goes with the other temporary files of the tests
 */
export async function buildPage(
  files: Readonly<Record<string, string | Uint8Array>>,
  config: InlineConfig = {},
): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'page-'))
  for (const [name, content] of Object.entries({ 'index.html': INDEX, ...files })) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  symlinkSync(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'), 'junction')
  await build({ root, configFile: false, logLevel: 'error', ...config })
  return join(root, 'dist')
}
