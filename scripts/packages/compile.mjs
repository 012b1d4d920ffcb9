// What compilers and bundlers make of the packages in a project.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import vm from 'node:vm'
import { build } from 'vite'
import { ROOT } from './rooms.mjs'

const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')

/** Compiled as Node resolves and as bundlers do, with all checks of the libraries' types. `lib` where not the compiler's. */
export async function typed(step, made, file, types, lib) {
  for (const [module, moduleResolution] of [
    ['node16', 'node16'],
    ['esnext', 'bundler'],
  ])
    await step(`${file} by tsc, moduleResolution ${moduleResolution}`, async () => {
      const compilerOptions = {
        module,
        moduleResolution,
        types,
        lib,
        target: 'es2022',
        noEmit: true,
        strict: true,
        skipLibCheck: false,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
      }
      made.write('tsconfig.json', JSON.stringify({ compilerOptions, files: [file] }))
      await made.run([process.execPath, tsc])
    })
}

/** @throws where the bundle asks for anything that a page does not have */
export async function bundled({ folder }) {
  await build({
    root: folder,
    logLevel: 'error',
    build: {
      lib: { entry: 'pure.mjs', formats: ['es'], fileName: 'pure' },
      outDir: 'page',
      minify: false,
    },
  })
  const code = readFileSync(join(folder, 'page/pure.js'), 'utf8')
  if (/browser-external|^import\s/m.test(code)) throw new Error('it imports what a page has not')
  const said = []
  const { TextEncoder, TextDecoder } = globalThis
  vm.runInNewContext(`(async () => {${code}\n})()`, {
    console: { log: (text) => said.push(text) },
    TextEncoder,
    TextDecoder,
  })
  await new Promise(setImmediate)
  if (said[0] !== 'done') throw new Error('it did not run to its end')
  return `${(code.length / 1000).toFixed(0)} kB`
}
