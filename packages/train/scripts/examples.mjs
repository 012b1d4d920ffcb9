// The recipes of examples/ as a module, for where the folder is not: npm run generate:examples -w @arcface/train
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'

const examples = new URL('../../../examples/', import.meta.url)
const names = readdirSync(examples)
  .filter((name) => name.endsWith('.yaml'))
  .sort()
const files = Object.fromEntries(
  names.map((name) => [name, readFileSync(new URL(name, examples), 'utf8')]),
)
const folder = new URL('../src/config/generated/', import.meta.url)
mkdirSync(folder, { recursive: true })
writeFileSync(
  new URL('examples.ts', folder),
  `// Made by scripts/examples.mjs; nobody edits it.\nexport const examples: Readonly<Record<string, string>> = ${JSON.stringify(files, null, 2)}\n`,
)
