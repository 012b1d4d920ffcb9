import { readFileSync, writeFileSync } from 'node:fs'
import { loadKernels } from '../kernels.js'
import { native } from '../native.js'
import { generate, parseManifest } from './generate.js'

// Run by "npm run generate": reads this libtorch's schemas, writes the wrappers.
loadKernels()
const source = new URL('../../src/', import.meta.url)
const manifest = readFileSync(new URL('ops/operators.txt', source), 'utf8')
writeFileSync(
  new URL('generated/ops.ts', source),
  generate(parseManifest(manifest), native.schema, native.version),
)
