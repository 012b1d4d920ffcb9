// ONNX Runtime's WebAssembly alone. onnxruntime-web is 139 MB on disk, of which Node, Bun and Deno run 14: this package
// has those files as they are, under the version that they have. It is installed in the other's place:
//   npm install onnxruntime-web@npm:@arcface/onnxruntime-web
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { readJson } from './rooms.mjs'

const NAME = '@arcface/onnxruntime-web'
const FILES = [
  'types.d.ts',
  'dist/ort.node.min.mjs',
  'dist/ort.node.min.js',
  'dist/ort-wasm-simd-threaded.mjs',
  'dist/ort-wasm-simd-threaded.wasm',
]

const LICENSE = `MIT License

Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`

const README = `# ${NAME}

The files of [onnxruntime-web](https://www.npmjs.com/package/onnxruntime-web) (MIT, Microsoft) with which Node, Bun and
Deno run networks by WebAssembly, unchanged and of the same version: 14 MB instead of 139. For \`@arcface/recognize\`:

    npm install @arcface/recognize onnxruntime-web@npm:${NAME}

It has no WebGPU and no WebGL, and nothing for a page.
`

/** Lays the package out in `folder`. @returns it, as a room is described */
export function layOutWasm(folder) {
  const path = createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm')
  const source = dirname(dirname(path))
  const original = readJson(join(source, 'package.json'))
  mkdirSync(folder, { recursive: true })
  for (const file of FILES) cpSync(join(source, file), join(folder, file))
  const manifest = {
    name: NAME,
    version: original.version,
    description:
      "ONNX Runtime's WebAssembly for Node, Bun and Deno: the files of onnxruntime-web that run there.",
    license: original.license,
    files: FILES,
    exports: {
      '.': {
        types: './types.d.ts',
        import: './dist/ort.node.min.mjs',
        require: './dist/ort.node.min.js',
      },
      './ort-wasm-simd-threaded.mjs': './dist/ort-wasm-simd-threaded.mjs',
      './ort-wasm-simd-threaded.wasm': './dist/ort-wasm-simd-threaded.wasm',
    },
    dependencies: { 'onnxruntime-common': original.dependencies['onnxruntime-common'] },
  }
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  writeFileSync(join(folder, 'LICENSE'), LICENSE)
  writeFileSync(join(folder, 'README.md'), README)
  return { name: NAME, folder, manifest }
}
